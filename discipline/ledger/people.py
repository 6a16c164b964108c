"""The persons whom rows are about, and the sheet 批评教育. A name is found by its index; a masked one stays so."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from chishang.core.cells import Cells
from chishang.core.ledgers import Run, filled
from chishang.core.text import clean_name
from discipline.enums import CriticismForm
from discipline.ledger.closed import CLOSED, closed_to_importer, written
from discipline.ledger.known import Known, labels
from discipline.ledger.sealing import merge_sealed
from discipline.models import Criticism, Person
from discipline.models.sealed import indexes_meaning, name_index

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
    """The persons that the portal has, found by name and unit.

    Nothing shows the importer that somebody is known from a record closed to him alone: a row about such a person is
    taken, and counted, like one about somebody new.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.stored: dict[tuple[str, str], list[Person]] = defaultdict(list)
        for person in Person.objects.order_by("pk"):
            self.stored[person.name_index, person.unit].append(person)
        self.closed = closed_to_importer(run, Person)
        self.own_indexes: set[str] = set()
        self.own: set[int] = set()
        if run.actor:
            self.own_indexes |= set(indexes_meaning(run.actor.name))
            self.own |= set(Person.objects.meaning(run.actor).values_list("pk", flat=True))

    def read(self, cells: Cells, column: str, unit: tuple[str, int | None]) -> Named | None:
        """Return whom the row names; None, with a fault, for nobody and for several.

        That it is not the one who imports is for the reader of the row to see first (``is_importer``).
        """
        name, (place, organization) = cells.name(column), unit
        if not name or not place:
            return None
        index = name_index(name)
        meant = self._meant(index, place)
        if len(meant) > 1:
            cells.fault(column, "门户里这个单位有几名同名的人，请在门户里登记这一条")
            return None
        return Named(name, index, place, organization, meant[0].pk if meant else None)

    def is_importer(self, cells: Cells, column: str, unit: str) -> bool:
        """Say whether the row is, or may be, about the one who imports.

        By account, by member, or by a name, whole or masked, unless a colleague has confirmed that this person of the
        portal is another one.
        """
        name, place = clean_name(written(cells, column)), written(cells, unit)
        if self.run.actor is None or not name:
            return False
        index = name_index(name)
        if any(one.pk in self.own for one in self.stored.get((index, place), [])):
            return True
        return index in self.own_indexes and all(one.pk in self.closed for one in self._meant(index, place))

    def stored_key(self, cells: Cells, column: str, unit: str) -> int | None:
        """Return the key of the one person of the portal whom the row names, with no fault noted; None for others."""
        name = clean_name(written(cells, column))
        meant = self._meant(name_index(name), written(cells, unit)) if name else []
        return meant[0].pk if len(meant) == 1 else None

    def _meant(self, index: str, place: str) -> list[Person]:
        """Return whom a name may mean: of several the one without a remark.

        Persons closed to the importer count only where he sees none, and only the one whose place no other can take.
        """
        found = self.stored.get((index, place), [])
        seen = [one for one in found if one.pk not in self.closed]
        return [one for one in seen if not one.remark] or seen or [one for one in found if not one.remark]

    def store(self, named: Iterable[Named]) -> dict[Named, int]:
        """Write the new persons; return the key of everybody."""
        everybody = {one: one.stored_id for one in named}
        new = {(one.index, one.unit): one for one, key in everybody.items() if key is None}
        wanted: dict[Any, Row] = {key: _person(one) for key, one in new.items()}
        made = dict(zip(new, merge_sealed(self.run, Person, wanted, {}), strict=True))
        known = {key for key in everybody.values() if key}
        self.run.count(Person, new=len(known & self.closed), unchanged=len(known - self.closed))
        return {one: key or made[one.index, one.unit] for one, key in everybody.items()}


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
        self.closed = closed_to_importer(people.run, Criticism)

    def read(self, cells: Cells, known: Known) -> Row:
        """Return a criticism's attributes, with the person as named."""
        if self.people.is_importer(cells, "姓名", "单位"):
            cells.fault("姓名", CLOSED)
            return {}
        occurred_on = cells.day("日期", required=True, future=False)
        form = cells.one_of("形式", labels(CriticismForm), required=True)
        stored = self.stored.get((self.people.stored_key(cells, "姓名", "单位"), occurred_on, form))
        if stored and stored.pk in self.closed:
            cells.fault("姓名", CLOSED)
            return {}
        named = self.people.read(cells, "姓名", known.unit(cells, "单位"))
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
