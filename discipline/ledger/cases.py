"""The sheet 案件: a row is a person in a case, with the sanction that it ended in."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError

from chishang.core.bulk import insert_rows
from chishang.core.cells import Cells
from chishang.core.dates import add_months, in_words, today
from chishang.core.ledgers import Run, filled
from discipline.enums import Measure
from discipline.ledger.closed import CLOSED, closed_to_importer, written
from discipline.ledger.known import Known, labels
from discipline.ledger.people import Named, People
from discipline.ledger.sealing import merge_sealed
from discipline.models import Case, CaseAccess, Involvement, Person, Sanction
from discipline.models.cases import NUMBER, STEPS
from discipline.selectors.cases import STEP_NAMES
from discipline.services.cases import USUAL_MONTHS
from discipline.services.flags import refresh_flags
from discipline.services.sanctions import disagreement, impact_end
from organizations.enums import DutyCode
from organizations.models import Appointment, User

CASE_COLUMNS = ("案号", "线索来源", "立案日期", "结案日期", "被处分党员", "所在党支部", "处分种类", "处分日期")
CASE_OPTIONAL = ("察看期", "影响期至")
FACTS = {"source_id": "线索来源", "filed_on": "立案日期", "closed_on": "结案日期"}
"""What the rows of one case must agree on."""
PROBATIONS = {"12": 12, "12个月": 12, "1年": 12, "一年": 12, "24": 24, "24个月": 24, "2年": 24, "两年": 24, "二年": 24}
SHORTEST_PROBATION = 12
"""What a probation lasts when the workbook does not say (察看期一年或两年)."""
COLUMN_OF = {"filed_on": "立案日期", "decided_on": "处分日期", "closed_on": "结案日期"}

Row = dict[str, Any]


class CaseReader:
    """Reads cases beside what the portal has of them: an empty cell means what is stored."""

    def __init__(self, people: People) -> None:
        self.people = people
        self.stored: dict[str, Case] = {case.number: case for case in Case.objects.all()}
        sanctions = Sanction.objects.select_related("involvement__case")
        self.sanctions: dict[tuple[str, int], Sanction] = {
            (one.involvement.case.number, one.involvement.person_id): one for one in sanctions
        }
        self.closed = closed_to_importer(people.run, Case)
        self.closed_sanctions = closed_to_importer(people.run, Sanction)
        self.first: dict[str, tuple[int, Row]] = {}
        """The first row of each case of the sheet."""

    def read(self, cells: Cells, known: Known) -> Row:
        """Return what the row says of the case, of the person, and of the sanction."""
        if column := self._closed_at(cells):
            cells.fault(column, CLOSED)
            return {}
        number = self._number(cells)
        is_new = number not in self.stored and number not in self.first
        row: Row = {
            "number": number,
            "source_id": cells.one_of("线索来源", known.sources, required=is_new),
            "filed_on": cells.day("立案日期", required=is_new, future=False),
            "closed_on": cells.day("结案日期", future=False),
            "measure": cells.one_of("处分种类", labels(Measure)),
            "decided_on": cells.day("处分日期", future=False),
            "probation_months": cells.one_of("察看期", PROBATIONS),
            "impact_until": cells.day("影响期至"),
        }
        branch = cells.text("所在党支部", required=True, limit=100)
        row["organization_id"] = cells.one_of("所在党支部", known.branches)
        row["person"] = self.people.read(cells, "被处分党员", (branch, row["organization_id"]))
        if cells.sound:
            self._check_same_case(cells, row, known)
        if cells.sound:
            self._check_course(cells, row)
        if cells.sound:
            self._check_sanction(cells, row)
        return row

    def store(self, rows: list[Row], keys: dict[Named, int], run: Run) -> None:
        """Write cases by number, then who is involved, the sanctions, and who may read what nobody is named on."""
        merge_sealed(run, Case, self._cases(rows, keys), self.stored)
        cases: dict[str, int] = dict(
            Case.objects.filter(number__in={row["number"] for row in rows}).values_list("number", "pk")
        )
        pairs = [{"case_id": cases[row["number"]], "person_id": keys[row["person"]]} for row in rows]
        involved = run.merge(Involvement, ["case_id", "person_id"], pairs)
        sanctions = {
            (row["number"], keys[row["person"]]): _sanction(row, involved[pair["case_id"], pair["person_id"]])
            for row, pair in zip(rows, pairs, strict=True)
            if row["measure"] or row["probation_months"]
        }
        merge_sealed(run, Sanction, sanctions, self.sanctions)
        name_readers(cases.values(), run)
        linked = Person.objects.filter(involvements__case__in=cases.values(), member__isnull=False)
        refresh_flags(linked.order_by().values_list("member", flat=True))

    def _closed_at(self, cells: Cells) -> str:
        """Return the column of what the importer may not see, or is himself; empty when the row is open to him."""
        number = written(cells, "案号")
        case = self.stored.get(number)
        if case and case.pk in self.closed:
            return "案号"
        person = ("被处分党员", "所在党支部")
        if self.people.is_importer(cells, *person):
            return person[0]
        sanction = self.sanctions.get((number, self.people.stored_key(cells, *person) or 0))
        return "案号" if sanction and sanction.pk in self.closed_sanctions else ""

    def _number(self, cells: Cells) -> str:
        number = cells.text("案号", limit=50)
        if not number and any(cells.row.cells[column] is not None for column in ("处分种类", "处分日期")):
            cells.fault("案号", "处分必须有案号：先立案、后处分")
        elif not number:
            cells.fault("案号", "“案号”没有填写")
        else:
            try:
                NUMBER(number)
            except ValidationError as error:
                cells.fault("案号", error.messages[0].rstrip("。"))
        return number

    def _check_same_case(self, cells: Cells, row: Row, known: Known) -> None:
        """Note a fault when a row above has the same case and person, or says otherwise of the case."""
        number, person = row["number"], row["person"]
        known.once(cells, (number, person.index, person.unit), "案号", "案件的同一人")
        above, first = self.first.setdefault(number, (cells.row.number, row))
        for name, column in FACTS.items():
            if cells.sound and row[name] and first[name] and row[name] != first[name]:
                cells.fault("案号", f"与第 {above} 行的案号相同，“{column}”却不同；不是同一案件的请改案号")

    def _check_course(self, cells: Cells, row: Row) -> None:
        """Note a fault when the dates of the case, with those that the portal has, are out of their order."""
        stored, (_, first) = self.stored.get(row["number"]), self.first[row["number"]]
        before: tuple[str, date] | None = None
        for name in STEPS:
            day: date | None = row.get(name) or first.get(name) or (getattr(stored, name) if stored else None)
            if day and before and day < before[1]:
                _out_of_order(cells, row, name, *before)
                return
            before = (name, day) if day else before

    def _check_sanction(self, cells: Cells, row: Row) -> None:
        """Note a fault in the sanction; a sound one gets its effective day and the end of its effect."""
        stored = self.sanctions.get((row["number"], row["person"].stored_id))
        typed = row["impact_until"]
        if stored is None and not (row["measure"] or row["decided_on"]):
            _refuse_alone(cells)
            return
        measure: Measure | None = row["measure"] or (Measure(stored.measure) if stored else None)
        decided_on: date | None = row["decided_on"] or (stored.decided_on if stored else None)
        if not measure:
            cells.fault("处分种类", "填了处分日期，请写明处分种类")
        elif not decided_on:
            cells.fault("处分日期", "填了处分种类，请写明处分日期")
        else:
            self._complete(cells, row, _wanted(row, stored, measure, decided_on), typed)

    def _complete(self, cells: Cells, row: Row, sanction: Sanction, typed: date | None) -> None:
        try:
            until = impact_end(sanction)
        except ValidationError as error:
            column = "察看期" if "probation_months" in error.message_dict else "处分日期"
            cells.fault(column, error.messages[0].rstrip("。"))
            return
        if typed and typed != until:
            cells.fault("影响期至", disagreement(sanction, until).rstrip("。"))
        for name in ("measure", "decided_on", "effective_on", "probation_months"):
            row[name] = getattr(sanction, name)
        row["impact_until"] = until

    def _cases(self, rows: list[Row], keys: dict[Named, int]) -> dict[Any, Row]:
        wanted: dict[Any, Row] = {}
        for row in rows:
            found = wanted.setdefault(row["number"], {"number": row["number"]})
            found |= filled({name: row[name] for name in FACTS}, *FACTS)
            found["organization_id"] = row["organization_id"]
            if row["decided_on"]:
                found["decided_on"] = max(row["decided_on"], found.get("decided_on", date.min))
        told = {(row["number"], keys[row["person"]]) for row in rows}
        for (number, person), sanction in self.sanctions.items():
            # The last of the decisions is the case's, also of one that the workbook does not have.
            if number in wanted and (number, person) not in told and "decided_on" in wanted[number]:
                wanted[number]["decided_on"] = max(sanction.decided_on, wanted[number]["decided_on"])
        for number in self.stored.keys() & wanted.keys():
            del wanted[number]["organization_id"]  # the office may have placed it otherwise
        return wanted


def name_readers(cases: Iterable[int], run: Run) -> None:
    """Name on each case that nobody was ever named on: who imports, or for an operator whoever heads the office.

    Never one whom the case is, or may be, about; the head then stands in for the one who imports.
    """
    unnamed = Case.objects.filter(pk__in=cases, accesses__isnull=True).order_by("pk")
    heads = _heads()
    rows: list[Row] = []
    free = {
        user: set(Case.not_about(unnamed, user).values_list("pk", flat=True)) for user in {run.actor, *heads} - {None}
    }
    for case in unnamed.values_list("pk", flat=True):
        named = [run.actor] if run.actor and case in free[run.actor] else [one for one in heads if case in free[one]]
        rows += [_access(case, user, run.actor) for user in named]
    insert_rows(CaseAccess, rows)
    run.count(CaseAccess, new=len(rows))


def _heads() -> list[User]:
    held = Appointment.objects.in_force().filter(duty__code=DutyCode.DISCIPLINE_HEAD)
    return list(User.objects.filter(is_active=True, pk__in=held.order_by().values("user")).order_by("pk"))


def _access(case: int, user: User, actor: User | None) -> Row:
    until = add_months(today(), USUAL_MONTHS)
    return {"case_id": case, "user_id": user.pk, "until": until, "granted_by_id": actor and actor.pk}


def _out_of_order(cells: Cells, row: Row, name: str, before: str, day: date) -> None:
    """Note the fault at the cell that says the wrong day: the later step, unless it is the portal's own."""
    column = COLUMN_OF[name] if row.get(name) else COLUMN_OF.get(before, "立案日期")
    earlier, later = STEP_NAMES[before], STEP_NAMES[name]
    rule = "：先立案、后处分" if (before, name) == ("filed_on", "decided_on") else ""
    cells.fault(column, f"{later}日期不能早于{earlier}日期（{in_words(day)}）{rule}")


def _refuse_alone(cells: Cells) -> None:
    for column in CASE_OPTIONAL:
        if cells.row.cells[column] is not None:
            cells.fault(column, f"填了{column}，请写明处分种类和处分日期")


def _wanted(row: Row, stored: Sanction | None, measure: Measure, decided_on: date) -> Sanction:
    """Return the sanction as it would be; what the portal alone knows stays while the rest is the same."""
    is_same_day = bool(stored and stored.decided_on == decided_on)
    effective_on = stored.effective_on if stored and is_same_day else decided_on
    months = row["probation_months"]
    if months is None and measure == Measure.PROBATION:
        months = (stored and stored.probation_months) or SHORTEST_PROBATION
    return Sanction(measure=measure, decided_on=decided_on, effective_on=effective_on, probation_months=months)


def _sanction(row: Row, involvement: int) -> Row:
    names = ("measure", "decided_on", "effective_on", "probation_months", "impact_until")
    return {"involvement_id": involvement, **{name: row[name] for name in names}}
