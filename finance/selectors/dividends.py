"""The list of a dividend by household: what each gets, and whether the parts are the whole. Amounts in yuan."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from chishang.core.money import ZERO
from finance.models import Beneficiary, Dividend


@dataclass
class HouseholdShare:
    """A household on the list; it gets what its persons get."""

    number: int
    head: str
    people: list[Beneficiary] = field(default_factory=list)

    @property
    def amount(self) -> Decimal:
        """What the household gets; 0.00 before the split."""
        return sum((person.amount or ZERO for person in self.people), start=ZERO)


@dataclass
class BeneficiaryList:
    """The people of a dividend: those on the list by household, and those who were struck off."""

    dividend: Dividend
    households: list[HouseholdShare] = field(default_factory=list)
    struck: list[Beneficiary] = field(default_factory=list)

    @property
    def people(self) -> list[Beneficiary]:
        """Everybody on the list, household by household."""
        return [person for household in self.households for person in household.people]

    @property
    def amount(self) -> Decimal:
        """What the people get together; 0.00 before the split."""
        return sum((household.amount for household in self.households), start=ZERO)

    @property
    def mismatch(self) -> str:
        """Why the list is not the declared one; empty when it is."""
        declared = (self.dividend.households, self.dividend.persons)
        if (len(self.households), len(self.people)) == declared:
            return ""
        return (
            f"名单现有 {len(self.households)} 户 {len(self.people)} 人，"
            f"登记的是 {declared[0]} 户 {declared[1]} 人，请先核对名单或登记的户数、人数。"
        )

    @property
    def is_split(self) -> bool:
        """Whether everybody has a part, and the parts are what goes to the households."""
        complete = all(person.amount is not None for person in self.people)
        return not self.mismatch and complete and self.amount == self.dividend.household_amount


def list_of(dividend: Dividend, rows: Iterable[Beneficiary]) -> BeneficiaryList:
    """Return ``rows``, the beneficiaries of ``dividend``, by household; a page gives those that its reader may see."""
    found = BeneficiaryList(dividend)
    by_number: dict[int, HouseholdShare] = {}
    for row in sorted(rows, key=lambda one: (one.household_no, one.pk)):
        if not row.is_active:
            found.struck.append(row)
            continue
        if row.household_no not in by_number:
            by_number[row.household_no] = HouseholdShare(row.household_no, row.household)
        by_number[row.household_no].people.append(row)
    found.households = list(by_number.values())
    return found
