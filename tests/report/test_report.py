"""The report equals the truth counted from the workbooks, and every figure equals its rows."""

import json
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chishang.core.figures import Question, all_figures, compute, find_figure
from chishang.report.report import UnknownOrganization, build_report
from organizations.models import Organization, Village
from tests.township import TRUTH
from visits.models import Issue, IssueEvent, Visit

DATES = ["2017-03-31", "2017-06-30", "2017-09-30", "2017-12-31"]
TRUE_FIGURES = json.loads(TRUTH.read_text())["as_of"]
LAST_DAY = date(2017, 12, 31)


@pytest.mark.parametrize("as_of", DATES)
def test_report_reproduces_the_truth(whole_township: None, as_of: str) -> None:
    figures = build_report(as_of=date.fromisoformat(as_of)).as_data()["figures"]
    taken = {"org", "members", "training", "elections", "talent", "visits", "issues", "finance", "discipline"}
    expected = {key: value for key, value in TRUE_FIGURES[as_of].items() if key.split(".")[0] in taken}
    assert len(expected) == 54
    values = {key: figures[key]["value"] for key in expected}
    assert {key: str(one) if isinstance(one, Decimal) else one for key, one in values.items()} == expected


@pytest.mark.parametrize("as_of", DATES)
def test_every_figure_equals_its_rows(whole_township: None, as_of: str) -> None:
    question = Question(as_of=date.fromisoformat(as_of))
    for figure in all_figures():
        rows = figure.rows(question)
        by_rows = sum(getattr(row, figure.total) for row in rows) if figure.total else len(rows)
        found = compute(question, [figure])[figure.key]
        assert found == by_rows or not figure.exists(question), figure.key


def test_villages_add_up_to_the_town(township: None) -> None:
    keys = ["visits.households", "visits.count", "issues.raised", "issues.resolved", "issues.pending"]
    keys += ["elections.assessed", "elections.completed", "talent.honours"]
    figures = [figure for key in keys if (figure := find_figure(key))]
    total = dict.fromkeys(keys, 0)
    for village in Village.objects.select_related("branch"):
        question = build_report(as_of=LAST_DAY, organization=village.branch.code).question
        for key, value in compute(question, figures).items():
            total[key] += value
    assert total == {key: TRUE_FIGURES["2017-12-31"][key] for key in keys}


def test_branches_add_up_to_the_town(township: None) -> None:
    keys = ["members.total", "members.probationary", "members.trained", "training.outbound_attendances"]
    figures = [figure for key in keys if (figure := find_figure(key))]
    total = dict.fromkeys(keys, 0)
    for branch in Organization.objects.branches():
        question = build_report(as_of=LAST_DAY, organization=branch.code).question
        for key, value in compute(question, figures).items():
            total[key] += value
    assert total == {key: TRUE_FIGURES["2017-12-31"][key] for key in keys}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_moving_one_resolution_past_the_day_drops_the_figure_by_one(
    township: None,
    data: st.DataObject,
) -> None:
    resolved = list(Issue.objects.resolved_on_date(LAST_DAY).order_by("pk").values_list("pk", flat=True))
    issue = data.draw(st.sampled_from(resolved))
    before = compute(Question(as_of=LAST_DAY))
    IssueEvent.objects.filter(issue=issue, to_state="resolved").update(occurred_on=LAST_DAY + timedelta(days=1))
    after = compute(Question(as_of=LAST_DAY))
    changed = {key: after[key] - before[key] for key in after if after[key] != before[key]}
    assert changed == {"issues.resolved": -1, "issues.pending": 1}
    IssueEvent.objects.filter(issue=issue, to_state="resolved").update(occurred_on=LAST_DAY)


def test_one_issue_more_counts_one_more(township: None) -> None:
    visit = Visit.objects.filter(visited_on__lte=date(2017, 6, 30)).first()
    before = build_report(as_of=date(2017, 6, 30)).as_data()["figures"]["issues.raised"]["value"]
    Issue.objects.create(
        visit=visit, raised_on=visit.visited_on, category=Issue.objects.first().category, description="路灯不亮"
    )
    assert build_report(as_of=date(2017, 6, 30)).as_data()["figures"]["issues.raised"]["value"] == before + 1


def test_figure_that_does_not_exist_yet_is_null(township: None) -> None:
    figures = build_report(as_of=date(2010, 1, 1)).as_data()["figures"]
    assert figures["org.population"]["value"] is None
    assert figures["visits.count"]["value"] == 0


def test_report_takes_few_queries_however_many_figures(township: None) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        build_report(as_of=LAST_DAY).as_data()
    assert len(queries) == 3


def test_report_of_an_unknown_organization_is_refused(township: None) -> None:
    with pytest.raises(UnknownOrganization):
        build_report(as_of=LAST_DAY, organization="CS-X99")
    with pytest.raises(CommandError, match="没有编码为"):
        call_command("report", "--as-of", "2017-12-31", "--organization", "CS-X99")


def test_command_writes_the_report_as_json(township: None, tmp_path: object) -> None:
    out = tmp_path / "report.json"  # type: ignore[operator]
    call_command("report", "--as-of", "2017-12-31", "--format", "json", "--out", str(out))
    report = json.loads(out.read_text())
    root = Organization.objects.get(parent__isnull=True)
    assert report["as_of"] == "2017-12-31"
    assert report["organization"] == {"code": root.code, "name": root.name}
    assert report["figures"]["issues.resolved"] == {
        "label": "已解决问题",
        "value": 807,
        "value_wan": None,
        "unit": "条",
        "definition": find_figure("issues.resolved").definition,  # type: ignore[union-attr]
        "version": 1,
        "share_of": "issues.raised",
    }


def test_command_says_which_file_it_cannot_write(township: None, tmp_path: Path) -> None:
    out = tmp_path / "missing" / "report.json"
    with pytest.raises(CommandError, match=f"写不了 {out}"):
        call_command("report", "--out", str(out))


def test_command_refuses_a_day_that_is_none() -> None:
    with pytest.raises(CommandError, match="不是存在的日期"):
        call_command("report", "--as-of", "2017-02-30", stdout=StringIO())
