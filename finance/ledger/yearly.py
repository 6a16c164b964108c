"""The yearly sheets: 预算, 集体收入, 扶贫分红, 光伏收益."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from chishang.core.cells import Cells
from chishang.core.ledgers import Run
from chishang.core.money import CENT
from finance.ledger.known import Known
from finance.models import Budget, CollectiveIncome, Dividend, DividendScheme, SolarPlant, SolarSettlement

BUDGET_COLUMNS = ("年度", "村", "科目", "预算金额")
INCOME_COLUMNS = ("年度", "村", "来源", "金额")
DIVIDEND_COLUMNS = ("年度", "村", "龙头企业", "注入资金", "分红总额", "村集体所得", "贫困户数", "贫困人口")
SOLAR_COLUMNS = ("年度", "村党支部", "装机容量千瓦", "年收益")
MAX_KILOWATTS = 100_000

Row = dict[str, Any]


def read_budget(cells: Cells, known: Known) -> Row:
    """Return a budget's attributes."""
    unit, subject = known.unit(cells)
    row = {
        "year": known.year(cells),
        "organization_id": unit,
        "subject_id": subject and subject.pk,
        "amount": cells.money("预算金额", required=True),
    }
    if cells.sound:
        known.once(cells, (row["year"], unit, row["subject_id"]), "科目", "项预算")
    return row


def store_budgets(rows: list[Row], run: Run) -> None:
    """Write budgets by year, unit and subject."""
    run.merge(Budget, ["year", "organization_id", "subject_id"], rows)


def read_income(cells: Cells, known: Known) -> Row:
    """Return the attributes of a village's income from one source."""
    row = {
        "year": known.year(cells),
        "village_id": cells.one_of("村", known.villages, required=True),
        "kind_id": cells.one_of("来源", known.kinds, required=True),
        "amount": cells.money("金额", required=True),
    }
    if cells.sound:
        known.once(cells, (row["year"], row["village_id"], row["kind_id"]), "来源", "项收入")
    return row


def store_incomes(rows: list[Row], run: Run) -> None:
    """Write incomes by year, village and kind."""
    run.merge(CollectiveIncome, ["year", "village_id", "kind_id"], rows)


def read_dividend(cells: Cells, known: Known) -> Row:
    """Return the attributes of a dividend, and of its scheme."""
    row = {
        "year": known.year(cells),
        "village_id": cells.one_of("村", known.villages, required=True),
        "enterprise": cells.text("龙头企业", required=True, limit=100),
        "capital": cells.money("注入资金", required=True),
        "amount": cells.money("分红总额", required=True),
        "village_amount": cells.money("村集体所得", required=True),
        "households": cells.integer("贫困户数", required=True),
        "persons": cells.integer("贫困人口", required=True),
    }
    if cells.sound and row["village_amount"] > row["amount"]:
        cells.fault("村集体所得", "村集体所得超过分红总额")
    if cells.sound and row["persons"] < row["households"]:
        cells.fault("贫困人口", "贫困人口少于贫困户数")
    if cells.sound:
        known.once(cells, (row["year"], row["village_id"], row["enterprise"]), "龙头企业", "笔分红")
    return row


def store_dividends(rows: list[Row], run: Run) -> None:
    """Write schemes by village and enterprise, and their dividends by year."""
    newest_last = sorted(rows, key=lambda row: row["year"])
    schemes = run.merge(DividendScheme, ["village_id", "enterprise"], [_scheme(row) for row in newest_last])
    names = ("year", "amount", "village_amount", "households", "persons")
    dividends = [
        {"scheme_id": schemes[row["village_id"], row["enterprise"]], **{name: row[name] for name in names}}
        for row in rows
    ]
    run.merge(Dividend, ["scheme_id", "year"], dividends)


def _scheme(row: Row) -> Row:
    scheme = {name: row[name] for name in ("village_id", "enterprise", "capital")}
    if row["amount"]:
        share = row["village_amount"] / row["amount"] * 100
        scheme["village_percent"] = share.quantize(CENT, ROUND_HALF_UP)
    return scheme


def read_solar(cells: Cells, known: Known) -> Row:
    """Return the attributes of a plant, and what it brought in the year."""
    row = {
        "year": known.year(cells),
        "village_id": cells.one_of("村党支部", known.branches, required=True),
        "capacity_kw": _kilowatts(cells),
        "amount": cells.money("年收益", required=True),
    }
    if cells.sound:
        known.once(cells, (row["year"], row["village_id"]), "村党支部", "笔收益")
    return row


def _kilowatts(cells: Cells) -> Decimal | None:
    text = cells.text("装机容量千瓦", required=True)
    try:
        value = Decimal(text.replace(",", "").removesuffix("千瓦"))
    except InvalidOperation:
        value = Decimal(0)
    if text and not (value.is_finite() and 0 < value <= MAX_KILOWATTS and value == value.quantize(CENT)):
        cells.fault("装机容量千瓦", f"“{text}”不是装机容量，请写成 28 或 28.5")
        return None
    return value.quantize(CENT)


def store_solar(rows: list[Row], run: Run) -> None:
    """Write plants by village, and a settlement for each whole year."""
    newest_last = sorted(rows, key=lambda row: row["year"])
    name = SolarPlant._meta.get_field("name").get_default()
    plants = run.merge(
        SolarPlant,
        ["village_id", "name"],
        [{"village_id": row["village_id"], "name": name, "capacity_kw": row["capacity_kw"]} for row in newest_last],
    )
    settlements = [
        {
            "plant_id": plants[row["village_id"], name],
            "started_on": date(row["year"], 1, 1),
            "ended_on": date(row["year"], 12, 31),
            "amount": row["amount"],
        }
        for row in rows
    ]
    run.merge(SolarSettlement, ["plant_id", "started_on", "ended_on"], settlements)
