"""Development files in the admin: the timeline, recording steps, what is due."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from chishang.core.dates import in_words, today
from members.enums import FileState
from members.models import DevelopmentFile, DevelopmentRecord, DevelopmentStep, Member, Occupation
from members.services import stop_file
from organizations.enums import DutyCode
from tests.factories import Town
from tests.members.course import DAYS, begin, id_number, take, walk
from tests.members.life import make_meeting
from tests.organizations.test_admin import sign_in

FILES = "/admin/members/developmentfile/"
CLERK, LEADER = DutyCode.OFFICE_CLERK, DutyCode.AREA_LEADER


@pytest.fixture
def clerk(client: Client, town: Town) -> Client:
    return sign_in(client, town, CLERK)


@pytest.fixture
def file(town: Town) -> DevelopmentFile:
    return begin(town.people[CLERK], town.own.branch)


def file_form(town: Town, **values: Any) -> dict[str, Any]:
    own = {"branch": town.own.branch_id, "name": "孙东升", "sex": "1", "ethnic_group": "01", "id_number": id_number()}
    own |= {"born_on": "1990-05-01", "education": "", "occupation": Occupation.objects.first().pk, "phone": ""}
    return {
        **own,
        "address": "测试村12号",
        "contacts": "",
        "introducers": "",
        "id_override_reason": "",
        "applied_on": "2015-01-05",
        **values,
    }


def vote(day: date, **values: Any) -> dict[str, Any]:
    own = {"due": "9", "present": "7", "in_favour": "6", "against": "0", "abstained": "1", "decision": ""}
    return {"occurred_on": day.isoformat(), "meeting": "", **own, **values}


def test_adding_opens_a_file_with_the_application(clerk: Client, town: Town) -> None:
    assert clerk.post(f"{FILES}add/", file_form(town)).status_code == 302
    file = DevelopmentFile.objects.get()
    record = file.records.get()
    assert (record.step.code, record.occurred_on, record.recorded_by) == (
        "application",
        date(2015, 1, 5),
        town.people[CLERK],
    )
    assert file.read_id_number() == id_number()


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"born_on": "1997-01-06", "id_number": ""}, "born_on", "不满 18 周岁"),
        ({"id_number": id_number()[:-1]}, "id_number", "应为 18 位"),
        ({"sex": "2"}, "sex", "性别与身份证号码不一致"),
        ({"applied_on": (today() + timedelta(days=1)).isoformat()}, "applied_on", "不能晚于今天"),
    ],
)
def test_application_against_the_rules_is_told_at_its_field(
    clerk: Client, town: Town, values: dict[str, str], field: str, words: str
) -> None:
    form = clerk.post(f"{FILES}add/", file_form(town, **values)).context["adminform"].form
    assert words in form.errors[field][0]
    assert not DevelopmentFile.objects.exists()


def test_id_number_is_typed_and_never_shown(clerk: Client, town: Town, file: DevelopmentFile) -> None:
    clerk.post(f"{FILES}{file.pk}/change/", file_form(town, id_number="", address="测试村13号"))
    stored = DevelopmentFile.objects.get()
    assert (stored.address, stored.read_id_number()) == ("测试村13号", id_number())
    wrong = clerk.post(f"{FILES}{file.pk}/change/", file_form(town, id_number="", name=""))
    for page in (
        clerk.get(FILES),
        clerk.get(f"{FILES}{file.pk}/change/"),
        clerk.get(f"{FILES}{file.pk}/history/"),
        wrong,
    ):
        assert page.status_code == 200
        assert id_number()[6:] not in page.content.decode()
    assert "已核验" in clerk.get(FILES).content.decode()


def test_page_shows_25_steps_by_stage_and_the_next_as_the_main_button(clerk: Client, file: DevelopmentFile) -> None:
    page = clerk.get(f"{FILES}{file.pk}/change/")
    text = page.content.decode()
    assert [len(lines) for _, lines in page.context["stages"]] == [2, 4, 5, 7, 7]
    assert f'chishang-button--main" href="{FILES}{file.pk}/step/talk/"' in text
    assert text.count('chishang-button--main"') == 1
    assert "已办 1 步，共 25 步" in text
    assert "已超期（期限 2015年2月5日）" in text


def test_step_is_recorded_by_its_form(clerk: Client, town: Town, file: DevelopmentFile) -> None:
    address = f"{FILES}{file.pk}/step/talk/"
    assert clerk.get(address).status_code == 200
    answer = clerk.post(address, {"occurred_on": "2015-01-20", "decision": "谈了动机"}, follow=True)
    assert "已登记：党组织派人谈话。" in answer.content.decode()
    record = file.records.get(step__code="talk")
    assert (record.decision, record.recorded_by) == ("谈了动机", town.people[CLERK])


def test_step_too_early_is_told_at_the_day(clerk: Client, town: Town, file: DevelopmentFile) -> None:
    walk(town.people[CLERK], file, "education")
    answer = clerk.post(f"{FILES}{file.pk}/step/candidate/", {"occurred_on": "2016-02-29", "decision": ""})
    assert "最早2016年3月1日" in answer.context["form"].errors["occurred_on"][0]
    assert file.records.filter(step__code="candidate").count() == 0


def test_step_out_of_order_is_refused_also_when_posted(clerk: Client, file: DevelopmentFile) -> None:
    address = f"{FILES}{file.pk}/step/contacts/"
    assert "现在还不能登记这一步" in clerk.get(address).content.decode()
    page = clerk.post(address, {"occurred_on": "2015-03-15", "decision": ""}).content.decode()
    assert "请先登记第 2 步" in page
    assert file.records.count() == 1
    assert clerk.get(f"{FILES}{file.pk}/step/nothing/").status_code == 404


def test_vote_offers_meetings_of_the_branch_and_checks_the_numbers(
    clerk: Client, town: Town, file: DevelopmentFile
) -> None:
    walk(town.people[CLERK], file, "form")
    day = DAYS["admission_vote"]
    own, foreign = make_meeting(town.own.branch, day), make_meeting(town.foreign.branch, day)
    address = f"{FILES}{file.pk}/step/admission_vote/"
    assert list(clerk.get(address).context["form"].fields["meeting"].queryset) == [own]
    assert "meeting" in clerk.post(address, vote(day, meeting=foreign.pk)).context["form"].errors
    answer = clerk.post(address, vote(day, in_favour="4"))
    assert "没有超过应到 9 人的半数" in answer.context["form"].errors["in_favour"][0]
    assert "due" in clerk.post(address, vote(day, due="")).context["form"].errors
    clerk.post(address, vote(day, meeting=own.pk))
    assert file.records.get(step__code="admission_vote").meeting == own


def test_approval_makes_a_member_and_says_so(clerk: Client, town: Town, file: DevelopmentFile) -> None:
    walk(town.people[CLERK], file, "admission_talk")
    address = f"{FILES}{file.pk}/step/admission_approval/"
    page = clerk.post(address, {"occurred_on": "2016-07-01", "decision": ""}, follow=True).content.decode()
    assert "孙东升已登记为预备党员" in page
    member = Member.objects.get()
    assert member.joined_on == DAYS["admission_vote"]
    assert f"/admin/members/member/{member.pk}/change/" in page


def test_approval_without_an_id_number_says_what_is_missing(clerk: Client, town: Town) -> None:
    file = begin(town.people[CLERK], town.own.branch, number="")
    walk(town.people[CLERK], file, "admission_talk")
    address = f"{FILES}{file.pk}/step/admission_approval/"
    page = clerk.post(address, {"occurred_on": "2016-07-01", "decision": ""}).content.decode()
    assert "请先在档案里补全：公民身份号码" in page
    assert not Member.objects.exists()


def test_file_is_stopped_with_a_reason_and_then_only_looked_at(
    clerk: Client, town: Town, file: DevelopmentFile
) -> None:
    address = f"{FILES}{file.pk}/stop/"
    assert "reason" in clerk.post(address, {"stopped_on": "2015-02-01", "reason": ""}).context["form"].errors
    page = clerk.post(address, {"stopped_on": "2015-02-01", "reason": "本人撤回"}, follow=True).content.decode()
    assert "2015年2月1日终止：本人撤回" in page
    assert "/step/talk/" not in page
    clerk.post(f"{FILES}{file.pk}/change/", file_form(town, name="孙改名"))
    file.refresh_from_db()
    assert (file.state, file.name) == (FileState.STOPPED, "孙东升")


@pytest.mark.parametrize("path", ["change/", "history/", "step/talk/", "void/", "stop/"])
def test_file_of_another_branch_is_404(client: Client, town: Town, path: str) -> None:
    foreign = begin(town.people[CLERK], town.foreign.branch)
    sign_in(client, town, LEADER)
    assert client.get(f"{FILES}{foreign.pk}/{path}").status_code == 404
    assert client.get(f"{FILES}{foreign.pk + 1000}/{path}").status_code == 404


@pytest.mark.parametrize("path", ["step/talk/", "void/", "stop/"])
def test_who_only_looks_takes_no_step(client: Client, town: Town, file: DevelopmentFile, path: str) -> None:
    sign_in(client, town, LEADER)
    page = client.get(f"{FILES}{file.pk}/change/").content.decode()
    assert "/step/talk/" not in page
    assert client.get(f"{FILES}{file.pk}/{path}").status_code == 403
    data = {"occurred_on": "2015-01-20", "stopped_on": "2015-01-20", "reason": "无"}
    assert client.post(f"{FILES}{file.pk}/{path}", data).status_code == 403
    file.refresh_from_db()
    assert (file.state, file.records.count()) == (FileState.OPEN, 1)


def test_due_steps_are_listed_by_urgency_for_one_s_own_files(
    client: Client, town: Town, file: DevelopmentFile
) -> None:
    actor = town.people[CLERK]
    begin(actor, town.foreign.branch, number=id_number(sequence=13), name="吴西明")
    done = begin(actor, town.own.branch, number=id_number(sequence=15), name="周停")
    stop_file(actor=actor, file=done, stopped_on=date(2015, 2, 1), reason="本人撤回")
    page = sign_in(client, town, LEADER).get(f"{FILES}due/").content.decode()
    assert "孙东升" in page
    assert "已超期" in page
    assert "吴西明" not in page
    assert "周停" not in page
    sign_in(client, town, DutyCode.DISCIPLINE_HEAD)
    assert client.get(f"{FILES}due/").status_code == 403


def test_due_steps_ask_for_a_new_vote_when_the_approval_is_too_late(
    clerk: Client, town: Town, file: DevelopmentFile
) -> None:
    walk(town.people[CLERK], file, "admission_talk")
    assert "请重新表决" in clerk.get(f"{FILES}due/").content.decode()
    page = clerk.get(f"{FILES}{file.pk}/change/").content.decode()
    assert f'chishang-button--main" href="{FILES}{file.pk}/step/admission_vote/"' in page
    take(town.people[CLERK], file, "admission_vote", today())
    assert "请重新表决" not in clerk.get(f"{FILES}due/").content.decode()


@pytest.mark.parametrize(("address", "expected"), [("", 13), ("due/", 13)])
def test_lists_take_the_same_queries_for_one_file_and_three(
    clerk: Client, town: Town, file: DevelopmentFile, address: str, expected: int, django_assert_num_queries: Any
) -> None:
    clerk.get(f"{FILES}{address}")
    with django_assert_num_queries(expected):
        clerk.get(f"{FILES}{address}")
    for number in (13, 15):
        begin(town.people[CLERK], town.own.branch, number=id_number(sequence=number))
    with django_assert_num_queries(expected):
        clerk.get(f"{FILES}{address}")


def test_files_are_not_imported_and_exported_without_the_number(clerk: Client, file: DevelopmentFile) -> None:
    assert clerk.get(f"{FILES}import/").status_code == 403
    page = clerk.get(f"{FILES}export/")
    columns = {name: "on" for name in page.context["form"].fields if name.startswith("developmentfileresource_")}
    answer = clerk.post(f"{FILES}export/", {"format": "1", "resource": "0", **columns})
    text = answer.content.decode("utf-8-sig")
    assert "孙东升" in text
    assert "已核验" in text
    assert id_number()[:6] not in text


def test_code_of_a_step_stays_and_its_times_may_change(clerk: Client) -> None:
    step = DevelopmentStep.objects.get(code="talk")
    data = {"stage": "1", "sequence": 2, "name": step.name, "after": step.after_id, "wait_months": 0, "wait_days": 0}
    data |= {"within_months": 2, "repeats_months": "", "source": "", "code": "other"}
    assert clerk.post(f"/admin/members/developmentstep/{step.pk}/change/", data).status_code == 302
    step.refresh_from_db()
    assert (step.code, step.within_months) == ("talk", 2)
    assert clerk.get("/admin/members/developmentstep/").status_code == 200


def test_last_step_is_withdrawn_with_a_reason_and_shown_struck_through(
    clerk: Client, town: Town, file: DevelopmentFile
) -> None:
    page, address = f"{FILES}{file.pk}/change/", f"{FILES}{file.pk}/void/"
    assert address not in clerk.get(page).content.decode()
    assert "不能撤回" in clerk.post(address, {"reason": "错"}).content.decode()
    take(town.people[CLERK], file, "talk", decision="谈了动机")
    assert address in clerk.get(page).content.decode()
    asked = clerk.get(address).content.decode()
    assert "2015年1月20日　2. 党组织派人谈话　谈了动机" in asked
    assert ">撤回</button>" in asked
    assert "reason" in clerk.post(address, {"reason": ""}).context["form"].errors
    shown = clerk.post(address, {"reason": "人弄错"}, follow=True).content.decode()
    assert "已撤回：党组织派人谈话。" in shown
    assert "<del>" in shown
    assert f"{in_words(today())}已撤回：人弄错（{town.people[CLERK].name}）" in shown
    assert "已办 1 步，共 25 步" in shown
    assert "递交入党申请书" in clerk.get(FILES).content.decode()
    assert "党组织派人谈话" not in clerk.get(FILES).content.decode()


def test_withdrawing_needs_the_right_and_a_file_of_one_s_own(
    client: Client, town: Town, file: DevelopmentFile
) -> None:
    foreign = begin(town.people[CLERK], town.foreign.branch, number=id_number(sequence=13))
    for one in (file, foreign):
        take(town.people[CLERK], one, "talk")
    sign_in(client, town, LEADER)
    assert client.post(f"{FILES}{file.pk}/void/", {"reason": "错"}).status_code == 403
    assert client.post(f"{FILES}{foreign.pk}/void/", {"reason": "错"}).status_code == 404
    assert "/void/" not in client.get(f"{FILES}{file.pk}/change/").content.decode()
    assert DevelopmentRecord.objects.valid().count() == 4


def test_disagreement_with_the_number_passes_with_a_reason(clerk: Client, town: Town) -> None:
    wrong = file_form(town, born_on="1990-04-30")
    assert "确有原因的" in clerk.post(f"{FILES}add/", wrong).context["adminform"].form.errors["born_on"][0]
    assert clerk.post(f"{FILES}add/", {**wrong, "id_override_reason": "档案审核认定"}).status_code == 302
    assert DevelopmentFile.objects.get().id_override_reason == "档案审核认定"
