"""Issuing a report: who draws up, signs and withdraws; what is stored stays byte for byte."""

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction

from chishang.core.dates import today
from chishang.core.figures import all_figures
from chishang.core.guards import told_in_words
from chishang.report.enums import FileFormat, ReportState
from chishang.report.models import IssuedReport, IssuedReportFile, ReportTemplate
from chishang.report.report import build_report
from chishang.report.selectors import VIEW, has_every_count, issued_reports
from chishang.report.services import ReportRefused, draft_report, release_report, withdraw_report
from chishang.report.word import OWN_TEMPLATE
from discipline.models import Petition
from organizations.enums import DutyCode as D
from organizations.models import Duty, User
from tests.factories import OrganizationFactory, Town, UserFactory, appoint, build_town
from tests.racing import messages, race
from tests.report.issuing import DAY, add_late_visit, contents, make_draft, make_released

S = ReportState
OFFICE = (D.OFFICE_HEAD, D.OFFICE_CLERK)


def refused(**fields: Any) -> Any:
    """Expect a ValidationError: ``as_of="…"`` at that field, ``match="…"`` anywhere."""
    return pytest.raises(ValidationError, match=fields.pop("match", "|".join(fields)))


def tamper(report: IssuedReport) -> None:
    """Change a stored file behind the portal's back, as somebody at the database could."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE report_issuedreportfile SET content = content || '\\x20' WHERE report_id = %s AND format = 'json'",
            [report.pk],
        )
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def test_draft_stores_every_file_with_its_hash(town: Town) -> None:
    report = make_draft(town)

    assert (report.version, report.state, report.drafted_by) == (1, S.DRAFT, town.people[D.OFFICE_CLERK])
    assert report.organization == town.root
    files = list(report.files.all())
    assert {one.format for one in files} == set(FileFormat.values)
    for one in files:
        assert one.sha256 == hashlib.sha256(bytes(one.content)).hexdigest()
    assert report.sha256 == next(one.sha256 for one in files if one.format == FileFormat.JSON)


def test_json_is_what_the_office_command_reports(town: Town) -> None:
    add_late_visit(town)

    stored = json.loads(contents(make_draft(town))["json"])

    assert stored == json.loads(json.dumps(build_report(as_of=DAY).as_data(), cls=DjangoJSONEncoder))
    assert stored["figures"]["visits.count"]["value"] == 1
    assert list(stored["figures"]) == [one.key for one in all_figures()]


def test_same_again_gives_the_draft_under_way(town: Town) -> None:
    draft = make_draft(town)

    assert make_draft(town) == draft
    assert draft_report(actor=town.people[D.OFFICE_HEAD], as_of=DAY) == draft
    assert IssuedReport.objects.count() == 1


def test_another_draft_waits_until_the_one_under_way_is_settled(town: Town) -> None:
    draft = make_draft(town)
    add_late_visit(town)

    with refused(match="已有一份待签发的报告"):
        make_draft(town)
    withdraw_report(actor=town.people[D.OFFICE_CLERK], report=draft, reason="漏了一次走访")

    assert make_draft(town, reason="补录一次走访").version == 2


def test_reports_of_two_days_have_versions_of_their_own(town: Town) -> None:
    assert [make_released(town, day).version for day in (DAY, DAY - timedelta(days=1))] == [1, 1]


def test_future_day_is_refused_today_is_not(town: Town) -> None:
    with pytest.raises(ValidationError) as refusal:
        make_draft(town, today() + timedelta(days=1))
    assert "不能晚于今天" in refusal.value.message_dict["as_of"][0]

    assert make_draft(town, today()).state == S.DRAFT


def test_correction_needs_a_reason_and_something_to_correct(town: Town) -> None:
    first = make_released(town)
    with refused(match="与已签发的第1版相同"):
        make_draft(town, reason="再来一份")
    add_late_visit(town)
    with pytest.raises(ValidationError) as refusal:
        make_draft(town, reason="  ")
    assert "请写明这一版更正了什么" in refusal.value.message_dict["reason"][0]

    second = make_released(town, reason="补录一次走访")

    assert (second.version, second.reason) == (2, "补录一次走访")
    assert list(IssuedReport.objects.in_force()) == [second]
    assert list(IssuedReport.objects.released().order_by("version")) == [first, second]


def test_correction_may_change_a_table_alone(town: Town) -> None:
    """The figures stay, but the workbook counts the issue under another category."""
    add_late_visit(town)
    issue = town.own_household.visits.get().issues.get()
    make_released(town)
    other = type(issue.category).objects.exclude(pk=issue.category_id).first()
    type(issue).objects.filter(pk=issue.pk).update(category=other)

    assert make_draft(town, reason="改正问题类别").version == 2


def test_new_template_alone_is_a_correction(town: Town) -> None:
    make_released(town)
    template = replace_template(town)

    draft = make_draft(town, reason="改了第二部分的文字")

    assert draft.template == template


def test_draft_under_way_with_the_old_template_is_not_the_same_again(town: Town) -> None:
    make_draft(town)
    replace_template(town)

    with pytest.raises(ReportRefused, match="已有一份待签发的报告"):
        make_draft(town)


def replace_template(town: Town) -> ReportTemplate:
    """Make another template the newest: the portal's own, as the office uploaded it."""
    content = OWN_TEMPLATE.read_bytes()
    return ReportTemplate.objects.create(
        name="改过的",
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        uploaded_by=town.people[D.OFFICE_HEAD],
    )


def test_reason_is_short(town: Town) -> None:
    with pytest.raises(ValidationError) as refusal:
        make_draft(town, reason="长" * 201)
    assert refusal.value.message_dict["reason"] == ["更正说明最多 200 个字，现在有 201 个，请写短些。"]


def test_release_by_another_account_is_for_good(town: Town) -> None:
    draft = make_draft(town)

    report = release_report(actor=town.people[D.TOWN_SECRETARY], report=draft)

    assert (report.state, report.released_by) == (S.RELEASED, town.people[D.TOWN_SECRETARY])
    assert report.released_at is not None
    again = release_report(actor=town.people[D.OFFICE_HEAD], report=draft)
    assert (again.released_by, again.released_at) == (report.released_by, report.released_at)
    with refused(match="已签发"):
        withdraw_report(actor=town.people[D.OFFICE_CLERK], report=report, reason="反悔")


def test_maker_does_not_sign(town: Town) -> None:
    head = town.people[D.OFFICE_HEAD]
    draft = draft_report(actor=head, as_of=DAY)

    with refused(match="制表人不能自己签发"):
        release_report(actor=head, report=draft)
    draft.refresh_from_db()
    assert draft.state == S.DRAFT


@pytest.mark.parametrize("change", ["figure", "table"])
def test_rows_that_changed_since_cannot_be_signed(town: Town, change: str) -> None:
    add_late_visit(town)
    draft = make_draft(town)
    if change == "figure":
        add_late_visit(town)
    else:
        issue = town.own_household.visits.get().issues.get()
        other = type(issue.category).objects.exclude(pk=issue.category_id).first()
        type(issue).objects.filter(pk=issue.pk).update(category=other)

    with refused(match="制表以后记录有变化"):
        release_report(actor=town.people[D.OFFICE_HEAD], report=draft)


def test_new_template_does_not_hinder_signing(town: Town) -> None:
    draft = make_draft(town)
    before = contents(draft)
    replace_template(town)

    released = release_report(actor=town.people[D.OFFICE_HEAD], report=draft)

    assert (released.template, contents(released)) == (None, before)


def test_damaged_file_cannot_be_signed(town: Town) -> None:
    draft = make_draft(town)
    tamper(draft)

    with refused(match="与校验码不符"):
        release_report(actor=town.people[D.OFFICE_HEAD], report=draft)


def test_withdrawal_says_why_and_is_open_to_maker_and_signer(town: Town) -> None:
    for version, duty in enumerate((D.OFFICE_CLERK, D.TOWN_SECRETARY), 1):
        draft = make_draft(town, reason="再制" if version > 1 else "")
        with pytest.raises(ValidationError) as refusal:
            withdraw_report(actor=town.people[duty], report=draft, reason=" ")
        assert refusal.value.message_dict == {"withdrawn_because": ["请写明为什么作废。"]}

        withdrawn = withdraw_report(actor=town.people[duty], report=draft, reason="日期写错")

        assert (withdrawn.version, withdrawn.state, withdrawn.withdrawn_because) == (version, S.WITHDRAWN, "日期写错")
        again = withdraw_report(actor=town.people[duty], report=draft, reason="另一个原因")
        assert again.withdrawn_because == "日期写错"
        with refused(match="现在是“已作废”"):
            release_report(actor=town.people[D.OFFICE_HEAD], report=draft)


@pytest.mark.parametrize("duty", D)
def test_each_step_is_open_to_its_duties(town: Town, duty: D) -> None:
    actor, draft = town.people[duty], make_draft(town)
    steps = {
        "draw up": (lambda: draft_report(actor=actor, as_of=DAY - timedelta(days=1)), {*OFFICE}),
        "sign": (lambda: release_report(actor=actor, report=draft), {D.TOWN_SECRETARY, D.OFFICE_HEAD}),
        "withdraw": (
            lambda: withdraw_report(actor=actor, report=draft, reason="错"),
            {D.TOWN_SECRETARY, *OFFICE},
        ),
    }
    for name, (step, allowed) in steps.items():
        with transaction.atomic():
            if duty in allowed:
                assert step(), name
            else:
                with refused(match="没有办理这一步的权限"):
                    step()
            transaction.set_rollback(True)


def test_right_at_a_branch_does_not_draw_up_the_towns_report(town: Town) -> None:
    clerk = UserFactory()
    appoint(clerk, D.OFFICE_CLERK, town.own.branch)

    with refused(match="没有办理这一步的权限"):
        draft_report(actor=clerk, as_of=DAY)
    assert not issued_reports(clerk).exists()


def test_who_may_not_have_every_count_neither_draws_up_nor_signs_nor_reads(town: Town) -> None:
    """The report tells the confidential counts as well, whatever rows its maker sees."""
    report, draft = make_released(town), make_draft(town, today())
    for duty in (*OFFICE, D.TOWN_SECRETARY):
        group = Duty.objects.get(code=duty).group
        group.permissions.remove(*group.permissions.filter(codename="count_case"))
    people = {duty: User.objects.get(pk=town.people[duty].pk) for duty in (*OFFICE, D.TOWN_SECRETARY)}

    with refused(match="没有办理这一步的权限"):
        draft_report(actor=people[D.OFFICE_CLERK], as_of=DAY)
    with refused(match="没有办理这一步的权限"):
        release_report(actor=people[D.TOWN_SECRETARY], report=draft)
    for actor in people.values():
        assert not issued_reports(actor).filter(pk=report.pk).exists()


def test_superuser_without_a_duty_reads_no_counts(town: Town) -> None:
    report = make_released(town)
    root = UserFactory(is_superuser=True)

    assert not has_every_count(root)
    assert not issued_reports(root).exists()
    with refused(match="没有办理这一步的权限"):
        draft_report(actor=root, as_of=report.as_of)


def test_every_duty_that_reads_issued_reports_may_have_every_count(town: Town) -> None:
    readers = {duty for duty, user in town.people.items() if user.has_perm(VIEW)}

    assert readers == {D.TOWN_SECRETARY, *OFFICE, D.DISTRICT_CLIENT}
    assert all(has_every_count(town.people[duty]) for duty in readers)


def test_drafts_do_not_leave_the_office(town: Town) -> None:
    released, draft = make_released(town), make_draft(town, today())

    assert set(issued_reports(town.people[D.DISTRICT_CLIENT])) == {released}
    assert set(issued_reports(town.people[D.TOWN_SECRETARY])) == {released, draft}
    assert not issued_reports(town.people[D.BRANCH_SECRETARY]).exists()


def test_released_report_has_the_same_bytes_for_ever(town: Town) -> None:
    report = make_released(town)
    before = contents(report)

    add_late_visit(town)
    OrganizationFactory(parent=town.root, founded_on=DAY)
    replace_template(town)
    make_released(town, reason="补录")

    report.refresh_from_db()
    assert contents(report) == before
    assert all(one.is_intact for one in report.files.all())


def test_content_of_a_draft_and_files_cannot_be_changed_in_any_way(town: Town) -> None:
    report = make_draft(town)
    writes = [
        lambda: IssuedReport.objects.filter(pk=report.pk).update(as_of=DAY - timedelta(days=1)),
        lambda: IssuedReport.objects.filter(pk=report.pk).update(sha256="0" * 64),
        lambda: IssuedReportFile.objects.filter(report=report).update(content=b"x"),
        lambda: IssuedReportFile.objects.filter(report=report).delete(),
        lambda: IssuedReport.objects.filter(pk=report.pk).update(state=S.RELEASED, released_by=report.drafted_by),
    ]
    for write in writes:
        with refused(match="不能"), told_in_words():
            write()


def test_counts_without_rows_of_the_confidential_registers_stand_in_it(town: Town) -> None:
    stored = json.loads(contents(make_draft(town))["json"])["figures"]

    assert stored["discipline.petitions_received"]["value"] == Petition.objects.handed_over_by(DAY).count() == 0


@pytest.mark.django_db(transaction=True)
def test_two_at_once_draw_up_one_and_sign_once() -> None:
    town = build_town()
    clerk, head, secretary = (town.people[duty] for duty in (D.OFFICE_CLERK, D.OFFICE_HEAD, D.TOWN_SECRETARY))

    drafts = race(*(lambda actor=actor: draft_report(actor=actor, as_of=DAY) for actor in (clerk, clerk)))

    assert messages(drafts) == []
    assert len({one.pk for one in drafts}) == IssuedReport.objects.count() == 1
    signed = race(*(lambda actor=actor: release_report(actor=actor, report=drafts[0]) for actor in (head, secretary)))
    assert messages(signed) == []
    assert len({(one.released_by_id, one.released_at) for one in signed}) == 1
