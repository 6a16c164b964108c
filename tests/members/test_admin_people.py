"""The register of members in the admin: the list, the file, the ID number."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from chishang.core.dates import add_months, today
from members.enums import BandKind, ChangeKind, Sex
from members.models import Member, StatisticBand, Transfer
from members.services import ChangeFacts, record_change, register_member, start_transfer
from organizations.enums import DutyCode, JournalAction
from organizations.models import JournalEntry
from tests.factories import Town, UserFactory, appoint
from tests.members.books import id_number
from tests.members.life import make_member
from tests.members.people import BORN, DAY, LEADER, LISTS, MEMBERS, OFFICE, file_of, sign_in


def typed(form: str, **values: object) -> dict[str, object]:
    """What one types to register a member who joined (``joined``) or came (``transferred_in``)."""
    return file_of(how=form, **values)


def shown(client: Client, query: str = "") -> str:
    return client.get(f"{MEMBERS}{query}").content.decode()


def fault(answer: Any, field: str) -> str:
    """What the admin's form says at the field."""
    assert answer.status_code == 200
    return "；".join(answer.context["adminform"].form.errors[field])


# The list


def test_list_shows_members_of_the_place_and_nothing_of_their_numbers(
    client: Client, town: Town, members: tuple[Member, Member]
) -> None:
    page = shown(sign_in(client, town, LEADER))
    assert "赵东强" in page
    assert "钱西明" not in page
    assert "已核验" in page
    own = members[0]
    number = own.read_id_number()
    for secret in (number, number[:6], number[-4:], str(own.id_number_index)):
        assert secret not in page


def test_list_shows_members_of_today_unless_asked(office: Client, town: Town) -> None:
    make_member(town.own.branch)
    gone = make_member(town.own.branch, "孙中")
    record_change(actor=None, member=gone, kind=ChangeKind.DIED, occurred_on=today())
    assert "孙中" not in shown(office)
    assert "孙中" in shown(office, "?standing=all")
    assert "赵东强" in shown(office, "?standing=all")
    assert "孙中" in shown(office, "?standing=deceased")
    assert "赵东强" not in shown(office, "?standing=deceased")


def test_lists_of_one_click(office: Client, town: Town) -> None:
    make_member(town.own.branch, "周平常")
    make_member(town.own.branch, "吴预备", joined_on=add_months(today(), -13), full_member_on=None)
    make_member(town.own.branch, "郑老", joined_on=date(1960, 1, 1), full_member_on=date(1961, 1, 1))
    for name, kind in (("王困", ChangeKind.HARDSHIP), ("冯流", ChangeKind.FLOATED), ("陈失", ChangeKind.LOST)):
        record_change(actor=None, member=make_member(town.own.branch, name), kind=kind, occurred_on=DAY)
    names = {"probation": "吴预备", "fifty": "郑老", "hardship": "王困", "floating": "冯流", "lost": "陈失"}
    for code, expected in names.items():
        page = shown(office, f"?list={code}")
        assert [name for name in ["周平常", *names.values()] if name in page] == [expected], code
    page = shown(office)
    assert all(name in page for name in names.values())
    for title in ("预备期30天内到期（含已过期）", "光荣在党50年（至今年7月1日）", "按身份证号查找"):
        assert title in page
    assert page.count('<span class="chishang-late">失联</span>') == 1


@pytest.mark.parametrize(("years", "days", "is_in"), [(31, 0, True), (31, 1, False), (36, 0, False), (36, 1, True)])
def test_age_band_counts_completed_years(office: Client, town: Town, years: int, days: int, is_in: bool) -> None:
    band = StatisticBand.objects.create(kind=BandKind.AGE, name="31—35岁（测试）", age_from=31, age_to=35)
    born = add_months(today(), -12 * years) + timedelta(days=days)
    make_member(town.own.branch, born_on=born, joined_on=add_months(born, 216), full_member_on=None)
    make_member(town.own.branch, "孙不详")
    page = shown(office, f"?age_band={band.pk}")
    assert ("赵东强" in page) == is_in
    assert "孙不详" not in page


def test_joined_band_includes_both_its_days(office: Client, town: Town) -> None:
    first, last = date(1966, 5, 1), date(1976, 10, 31)
    band = StatisticBand.objects.create(kind=BandKind.JOINED, name="测试段", joined_from=first, joined_to=last)
    days = {"赵早": first - timedelta(days=1), "钱头": first, "孙尾": last, "李晚": last + timedelta(days=1)}
    for name, day in days.items():
        make_member(town.own.branch, name, joined_on=day)
    page = shown(office, f"?joined_band={band.pk}")
    assert [name for name in days if name in page] == ["钱头", "孙尾"]


def test_list_is_filtered_by_kind_and_searched_by_pinyin(office: Client, town: Town) -> None:
    make_member(town.own.branch)
    make_member(town.own.branch, "吴预备", joined_on=add_months(today(), -3), full_member_on=None)
    assert "赵东强" not in shown(office, "?kind=probationary")
    assert "吴预备" in shown(office, "?kind=probationary")
    assert "吴预备" not in shown(office, "?q=zdq")
    assert "赵东强" in shown(office, "?q=zdq")


@pytest.mark.parametrize(("register", "expected"), [("member", 15), ("memberchange", 15), ("transfer", 16)])
def test_list_takes_the_same_queries_for_one_row_and_three(
    office: Client, town: Town, register: str, expected: int, django_assert_num_queries: Any
) -> None:
    def add(name: str) -> None:
        # Two branches from the start: a filter with one choice is not shown.
        member = register_member(
            actor=None,
            member=Member(branch=town.own.branch, name=name, sex=Sex.MALE, joined_on=date(2008, 7, 1)),
            id_number=id_number(BORN),
        )
        move = Transfer(member=member, to_branch=town.foreign.branch, started_on=DAY)
        start_transfer(actor=town.people[OFFICE], transfer=move)

    add("赵一")
    office.get(f"{LISTS}{register}/")
    with django_assert_num_queries(expected):
        office.get(f"{LISTS}{register}/")
    for name in ("钱二", "孙三"):
        add(name)
    with django_assert_num_queries(expected):
        office.get(f"{LISTS}{register}/")


# The file


def test_member_is_registered_through_the_service(office: Client, town: Town) -> None:
    number = id_number(BORN)
    answer = office.post(f"{MEMBERS}add/", typed("joined", branch=town.own.branch.pk, id_number=number))
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    member = Member.objects.get()
    assert (member.joined_on, member.joined_precision, member.born_on) == (date(2008, 7, 1), "month", BORN)
    assert member.read_id_number() == number
    assert list(member.changes.order_by("pk").values_list("kind", flat=True)) == ["joined", "became_full"]
    assert member.changes.first().actor == town.people[OFFICE]


def test_member_who_comes_from_elsewhere_is_registered_with_day_and_place(office: Client, town: Town) -> None:
    values = typed("transferred_in", branch=town.own.branch.pk)
    answer = office.post(f"{MEMBERS}add/", values)
    assert "请写明从哪里转入" in fault(answer, "came_from")
    answer = office.post(f"{MEMBERS}add/", {**values, "came_from": "沂源某支部"})
    assert "请填写转入日期" in fault(answer, "arrived_on")
    assert not Member.objects.exists()
    office.post(f"{MEMBERS}add/", {**values, "came_from": "沂源某支部", "arrived_on": "2015-03-01"})
    change = Member.objects.get().changes.get()
    assert (change.kind, change.place, change.occurred_on) == ("transferred_in", "沂源某支部", date(2015, 3, 1))


@pytest.mark.parametrize(
    ("field", "message", "values"),
    [
        ("id_number", "校验位不对", {"id_number": "370399198003041111"}),
        ("born_on", "出生日期与身份证号码不一致", {"id_number": id_number(BORN), "born_on": "1980-03-05"}),
        ("joined_on", "“2008-13”不是存在的日期", {"joined_on": "2008-13"}),
        ("__all__", "入党时不满 18 周岁", {"born_on": "1995"}),
        ("full_member_on", "转正日期不能晚于今天", {"full_member_on": "2099-01-01"}),
        ("phone", "手机号应为", {"phone": "123"}),
        ("sex", "必填", {"sex": ""}),
    ],
)
def test_fault_stands_at_its_field_and_nothing_is_stored(
    office: Client, town: Town, field: str, message: str, values: dict[str, object]
) -> None:
    answer = office.post(f"{MEMBERS}add/", typed("joined", branch=town.own.branch.pk, **values))
    assert message in fault(answer, field)
    assert not Member.objects.exists()


def test_disagreement_with_the_number_passes_with_a_reason(office: Client, town: Town) -> None:
    values = {"id_number": id_number(BORN), "born_on": "1980-03-05", "id_override_reason": "档案审核认定"}
    answer = office.post(f"{MEMBERS}add/", typed("joined", branch=town.own.branch.pk, **values))
    assert answer.status_code == 302
    assert Member.objects.get().born_on == date(1980, 3, 5)


def test_known_number_is_refused_without_telling_whose(
    client: Client, town: Town, members: tuple[Member, Member]
) -> None:
    clerk = UserFactory()
    appoint(clerk, OFFICE, town.own.branch)
    client.force_login(clerk, backend="organizations.backends.AppointmentBackend")
    values = typed("joined", branch=town.own.branch.pk, id_number=members[1].read_id_number())
    answer = client.post(f"{MEMBERS}add/", values)
    assert "已经登记过" in fault(answer, "id_number")
    page = answer.content.decode()
    assert "钱西明" not in page
    assert town.foreign.branch.name not in page
    answer = client.post(f"{MEMBERS}add/", typed("joined", branch=town.foreign.branch.pk))
    assert "branch" in answer.context["adminform"].form.errors


def test_correction_goes_through_the_service_and_leaves_the_number(
    office: Client, town: Town, members: tuple[Member, Member]
) -> None:
    own, number = members[0], members[0].read_id_number()
    values = file_of(name="赵东升", joined_on="2007-07-01", born_on="1980-03-04", branch=town.foreign.branch.pk)
    answer = office.post(f"{MEMBERS}{own.pk}/change/", values)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    own = Member.objects.get(pk=own.pk)
    assert (own.name, own.joined_on, own.branch) == ("赵东升", date(2007, 7, 1), town.own.branch)
    assert own.read_id_number() == number
    assert own.changes.get(kind=ChangeKind.JOINED).occurred_on == date(2007, 7, 1)
    answer = office.post(f"{MEMBERS}{own.pk}/change/", {**values, "born_on": "1981"})
    assert "出生日期与身份证号码不一致" in fault(answer, "born_on")


def test_form_opened_before_somebody_changed_the_days_is_refused(office: Client, town: Town) -> None:
    member = make_member(town.own.branch, joined_on=date(2015, 12, 1), full_member_on=None)
    address = f"{MEMBERS}{member.pk}/change/"
    page = office.get(address).content.decode()
    assert 'type="hidden" name="initial-joined_on" value="2015-12-01"' in page
    assert 'type="hidden" name="initial-full_member_on"' in page
    opened = {"initial-joined_on": "2015-12-01", "initial-full_member_on": ""}
    values = file_of(name="赵东升", joined_on="2015-12-01", full_member_on="", **opened)
    record_change(actor=None, member=member, kind=ChangeKind.BECAME_FULL, occurred_on=date(2016, 12, 1))
    assert "刚才已有人改过，请重新打开再改。" in fault(office.post(address, values), "full_member_on")
    member.refresh_from_db()
    assert (member.name, member.full_member_on) == ("赵东强", date(2016, 12, 1))
    again = {**values, "full_member_on": "2016-12-02", "initial-full_member_on": "2016-12-01"}
    assert office.post(address, again).status_code == 302
    member.refresh_from_db()
    assert (member.name, member.full_member_on) == ("赵东升", date(2016, 12, 2))
    emptied = {**again, "full_member_on": "", "initial-full_member_on": "2016-12-02"}
    assert "请在党员页面撤回“转为正式党员”" in fault(office.post(address, emptied), "full_member_on")


def test_page_shows_six_digits_of_the_number_the_course_and_dates_as_typed(
    office: Client, members: tuple[Member, Member]
) -> None:
    own, number = members[0], members[0].read_id_number()
    Member.objects.filter(pk=own.pk).update(joined_precision="month")
    facts = ChangeFacts(place="济南市历下区", document="池组〔2016〕1号", note="随子女居住")
    record_change(actor=None, member=own, kind=ChangeKind.FLOATED, occurred_on=DAY, facts=facts)
    page = office.get(f"{MEMBERS}{own.pk}/change/").content.decode()
    assert "370399************　已核验" in page
    assert number not in page
    assert number[6:] not in page
    assert 'value="2008-07"' in page
    for text in ("发展入党", "去济南市历下区", "池组〔2016〕1号", "随子女居住"):
        assert text in page
    for path in ("record", "transfer", "void", "reveal"):
        assert f'href="{MEMBERS}{own.pk}/{path}/"' in page, path


def test_who_only_looks_sees_the_file_without_buttons(
    client: Client, town: Town, members: tuple[Member, Member]
) -> None:
    own = members[0]
    Member.objects.filter(pk=own.pk).update(joined_precision="month")
    sign_in(client, town, LEADER)
    page = client.get(f"{MEMBERS}{own.pk}/change/").content.decode()
    assert "2008年7月" in page
    assert "2008年7月1日" not in page.partition("变动经过")[0]
    for path in ("record", "transfer", "void", "reveal"):
        assert f"{own.pk}/{path}/" not in page
        assert client.get(f"{MEMBERS}{own.pk}/{path}/").status_code == 403, path
    assert client.post(f"{MEMBERS}{own.pk}/change/", file_of()).status_code == 403


@pytest.mark.parametrize("path", ["change", "history", "record", "transfer", "void", "reveal", "take-back"])
def test_member_of_another_branch_is_404(
    client: Client, town: Town, members: tuple[Member, Member], path: str
) -> None:
    sign_in(client, town, LEADER)
    assert client.get(f"{MEMBERS}{members[1].pk}/{path}/").status_code == 404
    # Without the right to change anything Django refuses before it looks for the row.
    expected = {"change": 403}.get(path, 404)
    for key in (members[1].pk, members[1].pk + 1000):
        assert client.post(f"{MEMBERS}{key}/{path}/", {"reason": "看看"}).status_code == expected


def test_history_says_that_the_number_changed_and_nothing_of_it(
    office: Client, members: tuple[Member, Member]
) -> None:
    own = members[0]
    values = file_of(name=own.name, born_on="1980-03-04", id_number=id_number(BORN))
    assert office.post(f"{MEMBERS}{own.pk}/change/", values).status_code == 302
    page = office.get(f"{MEMBERS}{own.pk}/history/").content.decode()
    assert page.count("公民身份号码（加密）") == 2
    own.refresh_from_db()
    for secret in (own.read_id_number(), str(own.id_number_index), str(own.uid), "公民身份号码索引"):
        assert secret not in page


def test_tampered_number_does_not_break_the_page(office: Client, members: tuple[Member, Member]) -> None:
    own = members[0]
    Member.objects.filter(pk=own.pk).update(id_number_cipher=b"\x01\x00\x01damaged-damaged-damaged-damaged")
    page = office.get(f"{MEMBERS}{own.pk}/change/").content.decode()
    assert "身份证号码解不开" in page
    answer = office.post(f"{MEMBERS}{own.pk}/reveal/", {"reason": "核对"})
    assert "身份证号码解不开" in answer.content.decode()
    answer = office.post(f"{MEMBERS}{own.pk}/change/", file_of())
    assert "身份证号码解不开" in fault(answer, "id_number")


# The ID number


def test_number_is_shown_once_for_a_reason_and_kept_in_no_cache(
    office: Client, town: Town, members: tuple[Member, Member]
) -> None:
    own, number = members[0], members[0].read_id_number()
    address = f"{MEMBERS}{own.pk}/reveal/"
    assert number not in office.get(address).content.decode()
    assert not JournalEntry.objects.exists()
    assert number not in office.post(address, {"reason": " "}).content.decode()
    answer = office.post(address, {"reason": "核对档案"})
    assert number in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    entry = JournalEntry.objects.get()
    assert (entry.action, entry.user) == (JournalAction.REVEAL_ID_NUMBER, town.people[OFFICE])
    assert number not in office.get(address).content.decode()


def test_search_by_number_answers_alike_for_not_there_and_not_seen(
    client: Client, town: Town, members: tuple[Member, Member]
) -> None:
    sign_in(client, town, LEADER)
    address = f"{MEMBERS}find/"
    own, foreign = members
    answer = client.post(address, {"id_number": own.read_id_number()})
    assert answer.headers["Location"] == f"{MEMBERS}{own.pk}/change/"
    pages = []
    for number in (foreign.read_id_number(), id_number(BORN)):
        page = client.post(address, {"id_number": number}).content.decode()
        assert "没有找到" in page
        pages.append(page.count("没有找到") + page.count("钱西明"))
    assert pages[0] == pages[1]
    assert "校验位不对" in client.post(address, {"id_number": "370399198003041111"}).content.decode()
    assert client.get(address).status_code == 200
    assert JournalEntry.objects.filter(action=JournalAction.SEARCH_ID_NUMBER).count() == 3


def test_search_by_number_needs_the_right_to_see_members(client: Client, town: Town) -> None:
    assert sign_in(client, town, DutyCode.ACCOUNTANT).get(f"{MEMBERS}find/").status_code == 403
