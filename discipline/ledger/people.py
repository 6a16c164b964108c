"""The persons whom rows are about, and the sheet 批评教育. A name is found by its index; a masked one stays so."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from chishang.core.cells import Cells
from chishang.core.ledgers import Run, filled
from discipline.enums import CriticismForm
from discipline.ledger.known import Known, labels
from discipline.ledger.sealing import merge_sealed
from discipline.models import Criticism, Namesake, Person
from discipline.models.sealed import name_index

CRITICISM_COLUMNS = ("日期", "姓名", "单位", "事由", "形式")
CRITICISM_KEY = ("person_id", "occurred_on", "form")

Row = dict[str, Any]


@dataclass(frozen=True)
class Named:
    """A person as a row names him, and who that is in the portal (None: somebody new)."""

    name: str
    index: str
    unit: str
    organization_id: int | None
    stored_id: int | None


class People:
    """The persons that the portal has, found by name and unit."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.stored: dict[tuple[str, str], list[Person]] = defaultdict(list)
        for person in Person.objects.order_by("pk"):
            self.stored[person.name_index, person.unit].append(person)
        actor = run.actor
        self.own_index = name_index(actor.name) if actor else ""
        self.cleared = {one.person_id for one in Namesake.objects.all() if actor and one.user_id == actor.pk}

    def read(self, cells: Cells, column: str, unit: tuple[str, int | None]) -> Named | None:
        """Return whom the row names; None, with a fault, for nobody, for several, and for the one who imports."""
        name, (place, organization) = cells.name(column), unit
        if not name or not place:
            return None
        index = name_index(name)
        found = self.stored[index, place]
        person = next((one for one in found if not one.remark), found[0] if len(found) == 1 else None)
        if person is None and found:
            cells.fault(column, "门户里这个单位有几名同名的人，请在门户里登记这一条")
            return None
        if self._is_the_importer(index, person):
            cells.fault(column, "此人可能就是您本人：请由其他纪检人员导入这一行")
            return None
        return Named(name, index, place, organization, person.pk if person else None)

    def store(self, named: Iterable[Named]) -> dict[Named, int]:
        """Write the new persons; return the key of everybody."""
        everybody = {one: one.stored_id for one in named}
        new = {(one.index, one.unit): one for one, key in everybody.items() if key is None}
        wanted: dict[Any, Row] = {key: _person(one) for key, one in new.items()}
        made = dict(zip(new, merge_sealed(self.run, Person, wanted, {}), strict=True))
        self.run.count(Person, unchanged=len({key for key in everybody.values() if key}))
        return {one: key or made[one.index, one.unit] for one, key in everybody.items()}

    def _is_the_importer(self, index: str, person: Person | None) -> bool:
        """Whether the row is about the one who imports: by account, or by the whole name.

        A masked name may be anybody's; the portal hides what becomes of it from everybody who may be meant.
        """
        if self.run.actor is None or (person and person.pk in self.cleared):
            return False
        return index == self.own_index or bool(person and person.account_id == self.run.actor.pk)


def _person(named: Named) -> Row:
    columns = {"name": named.name, "name_index": named.index, "unit": named.unit}
    return columns | ({"organization_id": named.organization_id} if named.organization_id else {})


class CriticismReader:
    """Reads criticisms beside what the portal has of them."""

    def __init__(self, people: People) -> None:
        self.people = people
        self.stored: dict[Any, Criticism] = {
            (row.person_id, row.occurred_on, row.form): row for row in Criticism.objects.all()
        }

    def read(self, cells: Cells, known: Known) -> Row:
        """Return a criticism's attributes, with the person as named."""
        named = self.people.read(cells, "姓名", known.unit(cells, "单位"))
        occurred_on = cells.day("日期", required=True, future=False)
        form = cells.one_of("形式", labels(CriticismForm), required=True)
        stored = self.stored.get((named and named.stored_id, occurred_on, form))
        reason = cells.text("事由", required=stored is None, limit=300)
        if cells.sound and named:
            key = (named.index, named.unit, occurred_on, form)
            known.once(cells, key, "姓名", "人同一天同一形式的批评教育")
        return {"person": named, "occurred_on": occurred_on, "form": form, "reason": reason}

    def store(self, rows: list[Row], keys: dict[Named, int], run: Run) -> None:
        """Write criticisms by person, day and form."""
        wanted = {}
        for row in rows:
            values = filled({**row, "person_id": keys[row["person"]]}, "reason")
            del values["person"]
            wanted[tuple(values[name] for name in CRITICISM_KEY)] = values
        merge_sealed(run, Criticism, wanted, self.stored)
