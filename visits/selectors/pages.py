"""Reads of the secretary's pages that join several models. All start at the gate."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from organizations.models import Appointment, User, Village
from visits.enums import IssueState
from visits.models import Campaign, Household, Issue, IssueCategory, IssueEvent, Operation, Visit

VISIT, FEEDBACK = "visits.add_visit", "visits.feedback_issue"
AWAITING_SECRETARY = (IssueState.RETURNED, IssueState.RESOLVED)
"""States in which an issue waits for the secretary: to be completed, or to be told to the household."""


def households_to_visit(user: User, text: str = "", *, not_yet: bool = False) -> QuerySet[Household]:
    """Return those that ``user`` may visit, found by ``text``, with ``last_visited_on`` and ``open_issues``.

    ``not_yet`` leaves those without a visit in the campaign that runs today. Households come before enterprises.
    """
    found = Household.objects.visible_to(user, VISIT).search(text)
    if not_yet:
        campaign = Campaign.objects.running_on().values("pk")[:1]
        found = found.exclude(Exists(Visit.objects.filter(household=OuterRef("pk"), campaign__in=campaign)))
    last = Visit.objects.filter(household=OuterRef("pk")).order_by("-visited_on").values("visited_on")[:1]
    return (
        _with_open_issues(found.annotate(last_visited_on=Subquery(last)))
        .select_related("village")
        .order_by("-kind", "code")
    )


def _with_open_issues(households: QuerySet[Household]) -> QuerySet[Household]:
    issues = Issue.objects.open().filter(visit__household=OuterRef("pk")).order_by().values("visit__household")
    count = Subquery(issues.annotate(count=Count("pk")).values("count"), output_field=IntegerField())
    return households.annotate(open_issues=Coalesce(count, 0))


def visits_several_villages(user: User) -> bool:
    """Say whether ``user`` visits in more than one village, so that lists must name it."""
    return len(Village.objects.visible_to(user, VISIT).order_by().values("pk")[:2]) > 1


def visitors_of(household: Household, *, besides: User) -> QuerySet[User]:
    """Return the active accounts whose duty today is to visit the household's village, other than ``besides``.

    For the choice "entered for another": those appointed to the village, its branch or its area; the town's office is
    not listed.
    """
    village = household.village
    place = Q(village=village) | Q(organization=village.branch_id) | Q(area=village.area_id)
    app_label, codename = VISIT.split(".")
    right = Q(duty__group__permissions__codename=codename)
    right &= Q(duty__group__permissions__content_type__app_label=app_label)
    appointments = Appointment.objects.in_force().filter(place, right)
    return User.objects.filter(pk__in=appointments.values("user"), is_active=True).exclude(pk=besides.pk)


ISSUE_FILTERS = {"todo": "等我办", "open": "未解决", "all": "全部"}


def issues_of(user: User, show: str) -> QuerySet[Issue]:
    """Return the issues that ``user`` may see: ``todo`` waits for the secretary, ``open`` is unsolved, else all."""
    issues = Issue.objects.visible_to(user).select_related("category", "visit__household__village")
    if show == "todo":
        return issues.filter(pk__in=issues_awaiting(user).values("pk"))
    return issues.open() if show == "open" else issues


def issues_awaiting(user: User) -> QuerySet[Issue]:
    """Return the issues that wait for what ``user`` may do: complete a returned one, tell a household the result."""
    return Issue.objects.visible_to(user, FEEDBACK).filter(state__in=AWAITING_SECRETARY)


def course_of(user: User, issue: Issue) -> QuerySet[IssueEvent]:
    """Return the events of ``issue`` that ``user`` may see, oldest first, with who did it."""
    return IssueEvent.objects.visible_to(user).filter(issue=issue).select_related("actor").order_by("pk")


@dataclass(frozen=True)
class HouseholdFile:
    """What is known of a household: its newest visits and issues, as far as one may see them."""

    visits: list[Visit]
    issues: list[Issue]


FILE_LENGTH = 20


def file_of(user: User, household: Household) -> HouseholdFile:
    """Return the newest visits to ``household`` and issues it raised, at most ``FILE_LENGTH`` of each."""
    visits = Visit.objects.visible_to(user).filter(household=household).select_related("visitor")
    issues = issues_of(user, "all").filter(visit__household=household)
    return HouseholdFile(list(visits[:FILE_LENGTH]), list(issues[:FILE_LENGTH]))


def stored_visit(user: User, op_id: Any) -> Visit | None:
    """Return the visit that ``user`` sent under this operation id and may still see, or None."""
    sent = Operation.objects.filter(op_id=op_id, user=user).values("visit")
    return Visit.objects.visible_to(user).filter(pk__in=sent).select_related("household").first()


def on_the_phone(user: User) -> dict[str, Any]:
    """Return what ``user``'s phone keeps for use without network; a constant number of queries.

    As little as the work needs: the households that he may record visits to with group, day of the last visit and
    number of open issues; the categories; the issues that wait for him. No ID numbers, no telephone numbers.
    """
    columns = ("pk", "code", "name", "pinyin", "group", "village__name", "last_visited_on", "open_issues")
    names = ("id", "code", "name", "pinyin", "group", "village", "last", "open")
    households = households_to_visit(user).values_list(*columns)
    awaiting = issues_awaiting(user).order_by("pk").values("pk", "description", "state", "visit__household__name")
    return {
        "user": user.pk,
        "households": [dict(zip(names, row, strict=True)) for row in households],
        "categories": list(IssueCategory.objects.in_use().values("id", "name")),
        "issues": [
            {"id": row["pk"], "text": row["description"], "state": row["state"], "of": row["visit__household__name"]}
            for row in awaiting
        ],
    }
