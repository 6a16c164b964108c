"""Smallest valid objects, and a small township: two villages, so that there is always a row that could leak."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import uuid4

import factory
from factory.django import DjangoModelFactory

from chishang.core.dates import today
from organizations.enums import BranchType, DutyCode, OrganizationKind
from organizations.models import Appointment, Area, Duty, Organization, User, Village
from visits.enums import HouseholdKind, Source
from visits.models import Campaign, Household, Issue, IssueCategory, Unit, Visit
from visits.services import IssueDraft, VisitDraft, raise_issue, record_visit

PASSWORD = "mountain-road-44"


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"154{n:08d}")
    name = factory.Sequence(lambda n: f"李{'一二三四五六七八九十'[n % 10]}{'明华强'[n % 3]}")
    phone = factory.SelfAttribute("username")
    password = factory.django.Password(PASSWORD)


class OrganizationFactory(DjangoModelFactory):
    class Meta:
        model = Organization

    code = factory.Sequence(lambda n: f"T-{n:03d}")
    name = factory.Sequence(lambda n: f"测试第{n}党支部")
    kind = OrganizationKind.BRANCH
    branch_type = BranchType.VILLAGE
    founded_on = date(1990, 7, 1)


class AreaFactory(DjangoModelFactory):
    class Meta:
        model = Area

    name = factory.Sequence(lambda n: f"测试{n}片区")


class VillageFactory(DjangoModelFactory):
    class Meta:
        model = Village

    code = factory.Sequence(lambda n: f"TW{n:03d}")
    name = factory.Sequence(lambda n: f"测试{n}村")
    area = factory.SubFactory(AreaFactory)
    branch = factory.SubFactory(OrganizationFactory)


class CampaignFactory(DjangoModelFactory):
    class Meta:
        model = Campaign

    name = factory.Sequence(lambda n: f"第{n}次大走访")
    started_on = date(2017, 1, 1)


class UnitFactory(DjangoModelFactory):
    class Meta:
        model = Unit

    name = factory.Sequence(lambda n: f"镇第{n}站")


class HouseholdFactory(DjangoModelFactory):
    class Meta:
        model = Household

    code = factory.Sequence(lambda n: f"TW-{n:04d}")
    kind = HouseholdKind.HOUSEHOLD
    village = factory.SubFactory(VillageFactory)
    name = factory.Sequence(lambda n: f"赵{'东西南北'[n % 4]}强")
    group = "一组"
    persons = 3
    phone = factory.Sequence(lambda n: f"1541{n:07d}")


class VisitFactory(DjangoModelFactory):
    class Meta:
        model = Visit

    campaign = factory.LazyFunction(lambda: Campaign.objects.first() or CampaignFactory())
    household = factory.SubFactory(HouseholdFactory)
    visited_on = factory.LazyFunction(lambda: today() - timedelta(days=10))
    visitor = factory.SubFactory(UserFactory)
    entered_by = factory.SelfAttribute("visitor")
    content = "问了收成和用水"
    source = Source.PAGE


def make_issue(visit: Visit | None = None, description: str = "自来水浑浊", **fields: object) -> Issue:
    """A registered issue, with its event, of a visit."""
    visit = visit or VisitFactory()
    category = fields.pop("category", None) or IssueCategory.objects.get(name="村民用水")
    return raise_issue(actor=visit.visitor, visit=visit, category=category, description=description, **fields)


def appoint(user: User, duty: DutyCode, place: Organization | Village | Area, **fields: object) -> Appointment:
    """The user holds the duty at the place since last year."""
    duty_row = Duty.objects.get(code=duty)
    fields.setdefault("started_on", today() - timedelta(days=365))
    return Appointment.objects.create(user=user, duty=duty_row, **{duty_row.place_kind: place}, **fields)


@dataclass
class Town:
    """A root committee, an own and a foreign village, each with a household, and one account for each duty."""

    root: Organization
    own: Village
    foreign: Village
    own_household: Household
    foreign_household: Household
    campaign: Campaign
    people: dict[DutyCode, User] = field(default_factory=dict)

    def record(self, household: Household | None = None, *issues: str, visited_on: date | None = None) -> Visit:
        """A visit with issues, recorded by the office head through the service."""
        category = IssueCategory.objects.get(name="村民用水")
        draft = VisitDraft(
            household_id=(household or self.own_household).pk,
            visited_on=visited_on or today(),
            content="谈了用水",
            issues=[IssueDraft(category_id=category.pk, description=text) for text in issues],
        )
        actor = self.people[DutyCode.OFFICE_HEAD]
        return record_visit(actor=actor, op_id=uuid4(), draft=draft, source=Source.PAGE)[0]


def build_town() -> Town:
    """Build the small township; duties of a place hold it in the own village, area or branch."""
    root = OrganizationFactory(code="T-W00", name="中共测试镇委员会", kind=OrganizationKind.COMMITTEE, branch_type="")
    own = VillageFactory(branch__parent=root, code="TV01", name="本村")
    foreign = VillageFactory(branch__parent=root, code="TV02", name="外村")
    town = Town(
        root=root,
        own=own,
        foreign=foreign,
        own_household=HouseholdFactory(village=own, name="赵东强", code="TV01-0001"),
        foreign_household=HouseholdFactory(village=foreign, name="钱西明", code="TV02-0001"),
        campaign=CampaignFactory(),
    )
    places = {"organization": root, "village": own, "area": own.area}
    for duty in Duty.objects.all():
        code = DutyCode(duty.code)
        place = own.branch if code == DutyCode.BRANCH_SECRETARY else places[duty.place_kind]
        town.people[code] = UserFactory(name=f"{duty.name}甲")
        appoint(town.people[code], code, place)
    return town
