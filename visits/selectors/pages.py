"""Reads of the secretary's pages that join several models. All start at the gate."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, IntegerField, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from organizations.models import User, Village
from visits.enums import IssueState
from visits.models import Campaign, Household, Issue, IssueCategory, IssueEvent, Operation, Visit
from visits.services.visits import RECORD, appointments_to_record

VISIT, FEEDBACK = RECORD, "visits.feedback_issue"
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
    appointments = appointments_to_record().filter(place).in_force()
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
    number of open issues; the categories; the issues that wait for him, with the keys of their last events (``seen``).
    No ID numbers, no telephone numbers.
    """
    households = {
        "id": "pk",
        "code": "code",
        "name": "name",
        "pinyin": "pinyin",
        "group": "group",
        "village": "village__name",
        "last": "last_visited_on",
        "open": "open_issues",
    }
    issues = {
        "id": "pk",
        "text": "description",
        "state": "state",
        "of": "visit__household__name",
        "seen": "last_event",
    }
    awaiting = issues_awaiting(user).order_by("pk").annotate(last_event=Max("events"))
    return {
        "user": user.pk,
        "households": _as_dicts(households_to_visit(user), households),
        "categories": list(IssueCategory.objects.in_use().values("id", "name")),
        "issues": _as_dicts(awaiting, issues),
    }


def _as_dicts(rows: QuerySet[Any], names: dict[str, str]) -> list[dict[str, Any]]:
    """Return the columns of ``rows``, each under a name of its own."""
    return [dict(zip(names, row, strict=True)) for row in rows.values_list(*names.values())]
