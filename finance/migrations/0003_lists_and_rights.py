"""The chart of accounts, subjects, kinds of income, the disclosure rule; and which duty may do what with money."""

from datetime import date
from typing import Any

from django.db import migrations

from finance.enums import AccountCategory as C
from finance.enums import Side, SubjectCode, SubjectLevel
from organizations.duties import LEADERS, grant, rights_on
from organizations.enums import DutyCode

CHART_SOURCE = "农村集体经济组织会计制度（财会〔2023〕14号），2024年1月1日起施行"
CHART: dict[C, tuple[tuple[str, str], ...]] = {
    C.ASSET: (
        ("101", "库存现金"), ("102", "银行存款"), ("111", "短期投资"), ("112", "应收款"), ("113", "内部往来"),
        ("121", "库存物资"), ("131", "消耗性生物资产"), ("132", "生产性生物资产"),
        ("133", "生产性生物资产累计折旧"), ("134", "公益性生物资产"), ("141", "长期投资"), ("151", "固定资产"),
        ("152", "累计折旧"), ("153", "在建工程"), ("154", "固定资产清理"), ("161", "无形资产"),
        ("162", "累计摊销"), ("171", "长期待摊费用"), ("181", "待处理财产损溢"),
    ),
    C.LIABILITY: (
        ("201", "短期借款"), ("211", "应付款"), ("212", "应付工资"), ("213", "应付劳务费"), ("214", "应交税费"),
        ("221", "长期借款及应付款"), ("231", "一事一议资金"), ("241", "专项应付款"),
    ),
    C.EQUITY: (("301", "资本"), ("311", "公积公益金"), ("321", "本年收益"), ("322", "收益分配")),
    C.COST: (("401", "生产（劳务）成本"),),
    C.INCOME: (("501", "经营收入"), ("502", "投资收益"), ("503", "补助收入"), ("504", "其他收入")),
    C.EXPENSE: (
        ("511", "经营支出"), ("512", "税金及附加"), ("513", "管理费用"), ("514", "公益支出"), ("515", "其他支出"),
        ("521", "所得税费用"),
    ),
}
CREDIT_CLASSES = (C.LIABILITY, C.EQUITY, C.INCOME)
CONTRA_ASSETS = ("133", "152", "162")
"""They lessen an asset, and so grow on the credit side."""

SUBJECTS = (
    # What the town transfers to a village's account; what it pays out itself is income and expense at once.
    (SubjectCode.OPERATION, SubjectLevel.VILLAGE, "102", "503"),
    (SubjectCode.SECRETARY_PAY, SubjectLevel.VILLAGE, "513", "503"),
    (SubjectCode.PARTY_FUND, SubjectLevel.TOWN, "514", "503"),
    (SubjectCode.TWO_NEW_FUND, SubjectLevel.TOWN, "514", "503"),
)
INCOME_KINDS = (
    ("合作社分红", "502", True), ("水面承包", "501", True), ("山林承包", "501", True), ("土地发包", "501", True),
    ("房屋租赁", "501", True), ("服务创收", "501", True), ("乡村旅游", "501", True),
    ("专项扶贫资金分红", "502", True), ("光伏发电", "501", True), ("财政补助", "503", False),
)
DUE_DAYS, DUE_SOURCE = 30, "村民委员会组织法第三十条：至少每季度公布一次；天数由镇里核定"

LISTS = ("account", "subject", "incomekind", "disclosurerule", "period")
PARTS = ("seal", "disbursementevent", "voucherline")
KEPT = (
    "budget", "budgetadjustment", "assessment", "collectiveincome", "dividendscheme", "dividend", "solarplant",
    "solarsettlement",
)
POSTED = ("disbursement", "voucher", "statement")


def add_lists(apps: Any, schema_editor: Any) -> None:
    """Add the 42 accounts, the four subjects, ten kinds of income, and when statements are due."""
    get = lambda name: apps.get_model("finance", name).objects  # noqa: E731
    accounts: dict[str, Any] = {}
    for category, rows in CHART.items():
        for code, name in rows:
            on_credit = category in CREDIT_CLASSES or code in CONTRA_ASSETS
            values = {
                "name": name, "category": category, "source": CHART_SOURCE,
                "normal_side": Side.CREDIT if on_credit else Side.DEBIT,
            }
            accounts[code], _ = get("Account").get_or_create(code=code, defaults=values)
    for number, (code, level, debit, credit) in enumerate(SUBJECTS, 1):
        values = {
            "name": code.label, "level": level, "sort_no": number * 10,
            "debit_account": accounts[debit], "credit_account": accounts[credit],
        }
        get("Subject").get_or_create(code=code, defaults=values)
    for number, (name, account, counts) in enumerate(INCOME_KINDS, 1):
        values = {"account": accounts[account], "counts_as_income": counts, "sort_no": number * 10}
        get("IncomeKind").get_or_create(name=name, defaults=values)
    rule = {"due_days": DUE_DAYS, "source": DUE_SOURCE}
    get("DisclosureRule").get_or_create(valid_from=date(2010, 10, 28), defaults=rule)


def add_rights(apps: Any, schema_editor: Any) -> None:
    """Finance keeps the registers and the ledger; a leader approves; a village asks, and reads its own."""
    app, view = "finance", ("view",)
    everything = (*LISTS, *PARTS, *KEPT, *POSTED)
    finance = (DutyCode.FINANCE_HEAD, DutyCode.ACCOUNTANT)
    lists = tuple(name for name in LISTS if name != "period")
    grant(apps, finance, rights_on(app, *lists, *KEPT, "beneficiary"))
    grant(apps, finance, rights_on(app, *PARTS, *POSTED, "period", verbs=("view", "export")))
    steps = ("add_disbursement", "check_disbursement", "post_disbursement", "add_statement", "release_statement")
    grant(apps, finance, [f"{app}.{step}" for step in (*steps, "close_period")])
    grant(apps, LEADERS, rights_on(app, *everything, "beneficiary", verbs=("view", "export")))
    grant(apps, LEADERS, [f"{app}.release_statement"])
    grant(apps, (DutyCode.TOWN_SECRETARY,), [f"{app}.approve_disbursement"])
    discipline = (DutyCode.DISCIPLINE_HEAD, DutyCode.DISCIPLINE_CLERK)
    readers = (*discipline, DutyCode.AREA_LEADER, DutyCode.BRANCH_SECRETARY, DutyCode.VILLAGE_AGENT)
    grant(apps, (*readers, DutyCode.DISTRICT_CLIENT), rights_on(app, *everything, verbs=view))
    grant(apps, (DutyCode.BRANCH_SECRETARY, DutyCode.VILLAGE_AGENT), [f"{app}.check_statement"])
    agent = ["add_disbursement", "add_statement", "view_beneficiary"]
    grant(apps, (DutyCode.VILLAGE_AGENT,), [f"{app}.{right}" for right in agent])


class Migration(migrations.Migration):
    dependencies = [("finance", "0002_contents_and_places"), ("organizations", "0006_election_rights")]

    operations = [
        migrations.RunPython(add_lists, migrations.RunPython.noop),
        migrations.RunPython(add_rights, migrations.RunPython.noop),
    ]
