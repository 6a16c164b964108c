"""How the row of each figure is dated past a day, and which rows of other figures go or come with it.

Written down from the definitions, not from the code of the figures; ``test_properties`` holds the figures against it.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from chishang.core.dates import add_months
from discipline.models import (
    Case,
    Criticism,
    FeedbackIssue,
    InspectionRound,
    IntegrityEvent,
    MeasureRule,
    Petition,
    PowerList,
    ResponsibilityList,
    Sanction,
    StyleInspection,
)
from finance.models import Budget, CollectiveIncome, Dividend, SolarSettlement
from members.models import Honour, Meeting, MemberChange, Talent, Training, TrainingAttendance
from organizations.models import (
    Appointment,
    Area,
    AreaProject,
    DirectiveReceipt,
    Election,
    ElectionForecast,
    Organization,
    Village,
    VillageStatistic,
)
from tests.report.facts import (
    Facts,
    Found,
    Move,
    Rows,
    after,
    dated,
    keys,
    left_without,
    of_year,
    put_off,
    to_next_year,
)
from visits.models import Issue, IssueEvent, Visit

CASE_DAYS = ("closed_on", "executed_on", "decided_on", "heard_on", "reviewed_on", "filed_on")

# Villages and branches


def _with_village(key: int, day: date) -> Rows:
    statistics = VillageStatistic.objects.filter(village=key, year__lte=day.year)
    return {"org.villages": {key}, "org.population": keys(statistics.order_by("-year")[:1])}


def _older_statistic(key: int, day: date) -> Rows:
    row = VillageStatistic.objects.get(pk=key)
    older = VillageStatistic.objects.filter(village=row.village, year__lt=row.year).order_by("-year")
    return {"org.population": keys(older[:1])}


def _appointment_later(key: int, day: date) -> None:
    Appointment.objects.filter(pk=key, ended_on=day).update(ended_on=after(day))
    Appointment.objects.filter(pk=key).update(started_on=after(day))


STATISTICS = Facts(of_year(VillageStatistic), to_next_year, lambda rows, _day: {"org.population": keys(rows)})
FORECASTS = Facts(
    lambda day: ElectionForecast.objects.filter(assessed_on__lte=day),
    lambda rows, day: put_off(rows, day, "assessed_on"),
    lambda rows, _day: {"elections.assessed": keys(rows, "village")},
)
ELECTIONS = Facts(
    lambda day: Election.objects.filter(completed_on__lte=day, body="branch"),
    lambda rows, day: put_off(rows, day, "completed_on"),
    lambda rows, _day: {"elections.completed": keys(rows, "village")},
)

# Members: an attendance has the date of its training


def _attendances_later(rows: Found, day: date) -> None:
    for row in rows.select_related("training__organizer"):
        held = row.training
        row.training = Training.objects.create(
            name=held.name, kind=held.kind, organizer=held.organizer, started_on=after(day), ended_on=after(day)
        )
        row.save(update_fields=["training"])


def _next_rotation(key: int, day: date) -> Rows:
    first = TrainingAttendance.objects.select_related("training").get(pk=key)
    others = TrainingAttendance.objects.exclude(pk=key).filter(
        member=first.member_id,
        training__kind=first.training.kind,
        training__started_on__range=(date(day.year, 1, 1), day),
    )
    return {"members.trained": keys(others.order_by("training__started_on", "pk")[:1])}


ATTENDANCES = Facts(
    lambda day: TrainingAttendance.objects.filter(training__started_on__lte=day),
    _attendances_later,
    lambda rows, _day: dict.fromkeys(("members.trained", "training.outbound_attendances"), keys(rows)),
)
CHANGE = dated(MemberChange, "occurred_on", "members.total", "members.probationary")

# Visits, and the course of issues

ISSUE_FIGURES = ("issues.raised", "issues.resolved", "issues.pending", "issues.escalated", "issues.explained")


def _issues_later(rows: Found, day: date) -> None:
    found = keys(rows)
    put_off(IssueEvent.objects.filter(issue__in=found), day, "occurred_on")
    put_off(Issue.objects.filter(pk__in=found), day, "resolved_on", "escalated_on", "raised_on")


def _with_issues(rows: Found, day: date) -> Rows:
    raised = Issue.objects.filter(raised_on__lte=day)
    return {**dict.fromkeys(ISSUE_FIGURES, keys(rows)), "issues.categories": left_without(raised, rows, "category")}


def _visits_later(rows: Found, day: date) -> None:
    _issues_later(Issue.objects.filter(visit__in=keys(rows)), day)
    put_off(rows, day, "visited_on")


def _with_visits(rows: Found, day: date) -> Rows:
    made = Visit.objects.filter(visited_on__lte=day)
    return {
        "visits.count": keys(rows),
        "visits.households": left_without(made, rows, "household"),
        "visits.villages_covered": left_without(made, rows, "household__village"),
        **_with_issues(Issue.objects.filter(visit__in=keys(rows)), day),
    }


ISSUES = Facts(lambda day: Issue.objects.filter(raised_on__lte=day), _issues_later, _with_issues)
VISITS = Facts(lambda day: Visit.objects.filter(visited_on__lte=day), _visits_later, _with_visits)


def _standing(key: int, events: Iterable[Any]) -> Rows:
    """The figures in which an issue stands that has had these events."""
    course = sorted(events, key=lambda one: (one.occurred_on, one.pk))
    outcomes = [one.to_state for one in course if one.to_state in {"resolved", "reopened", "explained", "merged"}]
    last = outcomes[-1] if outcomes else ""
    went_up = any(one.to_state == "escalated" and one.move != "note" for one in course)
    stands = {
        "issues.resolved": last == "resolved",
        "issues.pending": last != "resolved",
        "issues.escalated": last != "resolved" and went_up,
        "issues.explained": last == "explained",
    }
    return {figure: {key} for figure, holds in stands.items() if holds}


def events_to(state: str) -> Move:
    """The events by which an issue came to ``state`` happen later."""

    def events(key: int, day: date) -> Found:
        return IssueEvent.objects.filter(issue=key, occurred_on__lte=day)

    return Move(
        lambda key, day: put_off(events(key, day).filter(to_state=state), day, "occurred_on"),
        lambda key, day: _standing(key, events(key, day)),
        lambda key, day: _standing(key, events(key, day).exclude(to_state=state)),
    )


# Village money

DIVIDEND_SUMS = ("finance.dividend_households", "finance.dividend_persons", "finance.dividend_amount")
DIVIDENDS = Facts(
    of_year(Dividend),
    to_next_year,
    lambda rows, day: {
        **dict.fromkeys(DIVIDEND_SUMS, keys(rows)),
        "finance.dividend_villages": left_without(of_year(Dividend)(day), rows, "scheme__village"),
    },
)
INCOMES = Facts(
    of_year(CollectiveIncome),
    to_next_year,
    lambda rows, _day: {"finance.income_over_30k_villages": keys(rows, "village")},
)
BUDGETS = Facts(of_year(Budget), to_next_year, lambda rows, _day: {"finance.village_undisbursed": keys(rows)})


def _earned(day: date) -> Found:
    return SolarSettlement.objects.filter(ended_on__range=(date(day.year, 1, 1), day), basis="actual")


SETTLEMENTS = Facts(
    _earned,
    lambda rows, day: put_off(rows, day, "ended_on"),
    lambda rows, day: {
        "finance.solar_income": keys(rows),
        "finance.solar_villages": left_without(_earned(day), rows, "plant__village"),
    },
)

# Discipline


def _feedback_later(rows: Found, day: date) -> None:
    later = InspectionRound.objects.create(body="区委巡察组（复查）", feedback_on=after(day))
    rows.update(round=later)


def _with_feedback(rows: Found, day: date) -> Rows:
    fed_back = FeedbackIssue.objects.filter(round__feedback_on__lte=day)
    return {
        **dict.fromkeys(("discipline.feedback_issues", "discipline.feedback_rectified"), keys(rows)),
        "discipline.feedback_categories": left_without(fed_back, rows, "category"),
    }


def _decided(day: date) -> Found:
    return Sanction.objects.filter(decided_on__lte=day)


def _sanctions_later(rows: Found, day: date) -> None:
    for row in rows:
        rule = MeasureRule.objects.filter(measure=row.measure, valid_from__lte=after(day)).latest("valid_from")
        until = add_months(after(day), rule.months + (row.probation_months or 0)) - timedelta(days=1)
        moved = Sanction.objects.filter(pk=row.pk)
        put_off(moved, day, "announced_on", "reported_on")
        moved.update(decided_on=after(day), effective_on=after(day), impact_until=until)


def _with_sanctions(rows: Found, day: date) -> Rows:
    return {"discipline.members_sanctioned": left_without(_decided(day), rows, "involvement__person")}


def _cases_later(rows: Found, day: date) -> None:
    _sanctions_later(_decided(day).filter(involvement__case__in=keys(rows)), day)
    put_off(Case.objects.filter(pk__in=keys(rows)), day, *CASE_DAYS)


def _with_cases(rows: Found, day: date) -> Rows:
    sanctions = _decided(day).filter(involvement__case__in=keys(rows))
    return {
        **dict.fromkeys(("discipline.cases", "discipline.cases_closed"), keys(rows)),
        **_with_sanctions(sanctions, day),
    }


def _criticisms_later(rows: Found, day: date) -> None:
    for number, row in enumerate(rows, 1):
        Criticism.objects.filter(pk=row.pk).update(occurred_on=day + timedelta(days=number))


PETITIONS = Facts(
    lambda day: Petition.objects.filter(received_on__lte=day),
    lambda rows, day: put_off(rows, day, "closed_on", "acknowledged_on", "received_on"),
    lambda rows, _day: dict.fromkeys(("discipline.petitions_received", "discipline.petitions_closed"), keys(rows)),
)
FEEDBACK = Facts(
    lambda day: FeedbackIssue.objects.filter(round__feedback_on__lte=day), _feedback_later, _with_feedback
)
SANCTIONS = Facts(_decided, _sanctions_later, _with_sanctions)
CASES = Facts(lambda day: Case.objects.filter(filed_on__lte=day), _cases_later, _with_cases)
CRITICISMS = Facts(
    lambda day: Criticism.objects.filter(occurred_on__lte=day),
    _criticisms_later,
    lambda rows, _day: {"discipline.criticised": keys(rows, "person")},
)
POWER_LISTS = Facts(
    lambda day: PowerList.objects.filter(settled_on__lte=day),
    lambda rows, day: put_off(rows, day, "settled_on"),
    lambda rows, _day: {"discipline.micro_power_villages": keys(rows, "village")},
)


def _of_organization(*figures: str) -> Move:
    return dated(Organization, "founded_on", *figures)


def _rectified_later(key: int, day: date) -> None:
    put_off(FeedbackIssue.objects.filter(pk=key), day, "struck_off_on", "verified_on", "rectified_on")


BRANCH_TYPES = ("agency", "institution", "enterprise", "village")
VOUCHERS = ("finance.village_disbursed", "finance.special_party_fund", "finance.special_two_new_fund")
"""Figures of vouchers, which are never changed: ``test_properties`` posts one and another a day later."""

MOVES: dict[str, Move] = {
    "org.villages": dated(Village, "founded_on", goes=_with_village),
    "org.population": STATISTICS.by("pk", comes=_older_statistic),
    "org.committees.composite": _of_organization("org.committees.composite"),
    **{
        f"org.branches{kind}": _of_organization("org.branches", *(f"org.branches.{one}" for one in BRANCH_TYPES))
        for kind in ("", *(f".{one}" for one in BRANCH_TYPES))
    },
    "org.areas": dated(Area, "founded_on", "org.areas"),
    "org.area_projects_completed": dated(AreaProject, "completed_on", "org.area_projects_completed"),
    "org.first_secretaries": Move(_appointment_later, lambda key, _day: {"org.first_secretaries": {key}}),
    "org.directive_recipients": dated(DirectiveReceipt, "signed_on", "org.directive_recipients"),
    "elections.assessed": FORECASTS.by("village"),
    "elections.completed": ELECTIONS.by("village"),
    "elections.meetings": dated(Meeting, "held_on", "elections.meetings"),
    "members.total": CHANGE,
    "members.probationary": CHANGE,
    "members.trained": ATTENDANCES.by("pk", comes=_next_rotation),
    "training.outbound_attendances": ATTENDANCES.by("pk"),
    "talent.young_returnees": dated(Talent, "recorded_on", "talent.young_returnees"),
    "talent.outstanding_cadres": dated(Talent, "recorded_on", "talent.outstanding_cadres"),
    "talent.honours": dated(Honour, "granted_on", "talent.honours"),
    "visits.villages_covered": VISITS.by("household__village"),
    "visits.households": VISITS.by("household"),
    "visits.count": VISITS.by("pk"),
    "issues.categories": ISSUES.by("category"),
    "issues.raised": ISSUES.by("pk"),
    "issues.pending": ISSUES.by("pk"),
    "issues.resolved": events_to("resolved"),
    "issues.escalated": events_to("escalated"),
    "issues.explained": events_to("explained"),
    "finance.village_undisbursed": BUDGETS.by("pk"),
    "finance.dividend_villages": DIVIDENDS.by("scheme__village"),
    **dict.fromkeys(DIVIDEND_SUMS, DIVIDENDS.by("pk")),
    "finance.income_over_30k_villages": INCOMES.by("village"),
    "finance.solar_villages": SETTLEMENTS.by("plant__village"),
    "finance.solar_income": SETTLEMENTS.by("pk"),
    "discipline.responsibility_lists": dated(ResponsibilityList, "issued_on", "discipline.responsibility_lists"),
    "discipline.integrity_lessons": dated(IntegrityEvent, "held_on", "discipline.integrity_lessons"),
    "discipline.style_inspections": dated(StyleInspection, "inspected_on", "discipline.style_inspections"),
    "discipline.micro_power_villages": POWER_LISTS.by("village"),
    "discipline.petitions_received": PETITIONS.by("pk"),
    "discipline.petitions_closed": dated(Petition, "closed_on", "discipline.petitions_closed"),
    "discipline.feedback_categories": FEEDBACK.by("category"),
    "discipline.feedback_issues": FEEDBACK.by("pk"),
    "discipline.feedback_rectified": Move(
        _rectified_later, lambda key, _day: {"discipline.feedback_rectified": {key}}
    ),
    "discipline.cases": CASES.by("pk"),
    "discipline.cases_closed": dated(Case, "closed_on", "discipline.cases_closed"),
    "discipline.members_sanctioned": SANCTIONS.by("involvement__person"),
    "discipline.criticised": CRITICISMS.by("person"),
}
