"""Taking members into the register, correcting their files, and looking at ID numbers."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from chishang.core.dates import Precision, add_months, today
from members.enums import ChangeKind, Sex
from members.models import Member
from members.models.id_numbers import TAKEN
from members.services import (
    ChangeFacts,
    correct_member,
    find_by_id_number,
    record_change,
    register_member,
    rejoin_member,
    reveal_id_number,
    take_id_numbers,
    void_change,
)
from members.services.people import LOOKS_AN_HOUR
from organizations.enums import DutyCode, JournalAction
from organizations.models import JournalEntry
from tests.factories import OrganizationFactory, Town, UserFactory, appoint
from tests.members.books import id_number
from tests.members.life import make_member

OFFICE, SECRETARY = DutyCode.OFFICE_CLERK, DutyCode.BRANCH_SECRETARY
BORN = date(1980, 3, 4)


def unsaved(town: Town, **fields: Any) -> Member:
    own = {"name": "赵东强", "sex": Sex.MALE, "joined_on": date(2010, 5, 10), "full_member_on": date(2011, 5, 10)}
    return Member(**{"branch": town.own.branch, **own, **fields})


def refused(field: str, **kwargs: Any) -> str:
    """What registering says at the field; nothing is stored."""
    before = Member.objects.count()
    with pytest.raises(ValidationError) as caught:
        register_member(actor=None, **kwargs)
    assert Member.objects.count() == before
    return "；".join(caught.value.message_dict[field])


def kinds(member: Member) -> list[tuple[str, date]]:
    return list(member.changes.valid().order_by("occurred_on", "pk").values_list("kind", "occurred_on"))


def test_registering_writes_the_days_of_joining_and_full_membership(town: Town) -> None:
    member = register_member(actor=town.people[OFFICE], member=unsaved(town), id_number=id_number(born_on=BORN))
    assert kinds(member) == [(ChangeKind.JOINED, date(2010, 5, 10)), (ChangeKind.BECAME_FULL, date(2011, 5, 10))]
    assert (member.born_on, member.probation_ends_on, member.pinyin) == (BORN, None, "zdq zhaodongqiang")
    assert member.changes.first().actor == town.people[OFFICE]


def test_probation_ends_a_year_after_joining(town: Town) -> None:
    member = register_member(
        actor=None, member=unsaved(town, joined_on=date(2016, 2, 29), full_member_on=None), id_number=""
    )
    assert member.probation_ends_on == date(2017, 2, 28)


@pytest.mark.parametrize(
    ("field", "message", "fields"),
    [
        ("__all__", "入党时不满 18 周岁", {"born_on": date(1992, 5, 11)}),
        ("__all__", "转正日期早于入党日期", {"full_member_on": date(2010, 5, 9)}),
        ("joined_on", "入党日期不能晚于今天", {"joined_on": today() + timedelta(days=1), "full_member_on": None}),
        ("full_member_on", "转正日期不能晚于今天", {"full_member_on": today() + timedelta(days=1)}),
    ],
)
def test_impossible_day_is_refused_at_its_field(
    town: Town, field: str, message: str, fields: dict[str, object]
) -> None:
    assert message in refused(field, member=unsaved(town, **fields))


def test_eighteenth_birthday_is_early_enough(town: Town) -> None:
    assert register_member(actor=None, member=unsaved(town, born_on=date(1992, 5, 10))).pk
    month = unsaved(town, joined_on=date(1968, 7, 1), joined_precision=Precision.MONTH, full_member_on=None)
    month.born_on = date(1950, 7, 31)
    assert register_member(actor=None, member=month).pk, "the month may mean its last day"


def test_file_that_disagrees_with_the_number_needs_a_reason(town: Town) -> None:
    number = id_number(born_on=BORN)
    assert "性别与身份证号码不一致" in refused("sex", member=unsaved(town, sex=Sex.FEMALE), id_number=number)
    other_day = {"born_on": date(1980, 3, 5)}
    message = refused("born_on", member=unsaved(town, **other_day), id_number=number)
    assert "出生日期与身份证号码不一致" in message
    assert number not in message
    member = unsaved(town, **other_day, id_override_reason="档案审核认定")
    assert register_member(actor=None, member=member, id_number=number).born_on == date(1980, 3, 5)


def test_birth_date_known_to_the_month_agrees(town: Town) -> None:
    member = unsaved(town, born_on=date(1980, 3, 1), born_precision=Precision.MONTH)
    assert register_member(actor=None, member=member, id_number=id_number(born_on=BORN)).born_on == date(1980, 3, 1)


@pytest.mark.parametrize("text", ["370399198003041235", "37039919800304", "37039919800304123Y"])
def test_wrong_number_is_refused_without_being_repeated(town: Town, text: str) -> None:
    message = refused("id_number", member=unsaved(town), id_number=text)
    assert "身份证号码" in message
    assert text not in message


def test_number_of_another_branch_is_refused_without_telling_whose(town: Town) -> None:
    number = id_number(born_on=BORN)
    other = register_member(
        actor=None, member=unsaved(town, name="钱西明", branch=town.foreign.branch), id_number=number
    )
    message = refused("id_number", member=unsaved(town), id_number=number)
    assert "已经登记过" in message
    for secret in (other.name, town.foreign.branch.name, str(other.pk), number):
        assert secret not in message


def test_transferred_member_needs_the_day_and_counts_from_it(town: Town) -> None:
    transfer = {"kind": ChangeKind.TRANSFERRED_IN, "place": "沂源县某支部"}
    assert "请填写转入日期" in refused("occurred_on", member=unsaved(town), **transfer)
    early = {**transfer, "occurred_on": date(2010, 5, 9)}
    assert "转入日期早于入党日期" in refused("occurred_on", member=unsaved(town), **early)
    member = register_member(actor=None, member=unsaved(town), occurred_on=date(2012, 1, 1), **transfer)
    assert kinds(member) == [(ChangeKind.TRANSFERRED_IN, date(2012, 1, 1))]
    assert member.changes.get().place == "沂源县某支部"


def test_correction_moves_the_days_of_the_course(town: Town) -> None:
    member = make_member(town.own.branch)
    member.joined_on, member.full_member_on = date(2009, 1, 1), date(2010, 1, 1)
    correct_member(actor=None, member=member)
    assert kinds(member) == [(ChangeKind.JOINED, date(2009, 1, 1)), (ChangeKind.BECAME_FULL, date(2010, 1, 1))]


def test_correction_does_not_encrypt_the_same_number_anew(town: Town) -> None:
    number = id_number(born_on=BORN)
    member = register_member(actor=None, member=unsaved(town), id_number=number)
    before = bytes(member.id_number_cipher or b"")
    for typed in (None, number):
        member.remark = f"更正{typed is None}"
        correct_member(actor=None, member=member, id_number=typed)
        assert bytes(Member.objects.get(pk=member.pk).id_number_cipher) == before
    other = id_number(born_on=BORN)
    correct_member(actor=None, member=member, id_number=other)
    assert Member.objects.get(pk=member.pk).read_id_number() == other


def test_correction_is_held_against_the_number_that_is_there(town: Town) -> None:
    member = register_member(actor=None, member=unsaved(town), id_number=id_number(born_on=BORN))
    member.born_on = date(1981, 1, 1)
    with pytest.raises(ValidationError, match="出生日期与身份证号码不一致"):
        correct_member(actor=None, member=member)


def test_correction_of_joining_past_another_change_is_refused(town: Town) -> None:
    member = make_member(town.own.branch)
    record_change(actor=None, member=member, kind=ChangeKind.HARDSHIP, occurred_on=date(2015, 6, 1))
    member.joined_on, member.full_member_on = date(2016, 1, 1), date(2017, 1, 1)
    with pytest.raises(ValidationError, match="入党日期晚于已登记的“列为困难党员（2015年6月1日）”"):
        correct_member(actor=None, member=member)


def test_correction_does_not_shorten_a_probation(town: Town) -> None:
    joined = add_months(today(), -20)
    member = make_member(town.own.branch, joined_on=joined, full_member_on=None)
    ordinary = add_months(joined, 12)
    record_change(
        actor=None,
        member=member,
        kind=ChangeKind.PROBATION_EXTENDED,
        occurred_on=ordinary,
        facts=ChangeFacts(until=add_months(ordinary, 6)),
    )
    member.full_member_on = add_months(joined, 17)
    with pytest.raises(ValidationError, match="才满，请核对转正日期"):
        correct_member(actor=None, member=member)
    member.full_member_on = add_months(joined, 18)
    correct_member(actor=None, member=member)
    assert (ChangeKind.BECAME_FULL, add_months(joined, 18)) in kinds(member)


def test_old_member_without_probation_may_be_corrected(town: Town) -> None:
    member = make_member(town.own.branch, joined_on=date(1972, 7, 1), full_member_on=None)
    member.full_member_on = date(1972, 7, 1)
    correct_member(actor=None, member=member)
    assert member.changes.valid().filter(kind=ChangeKind.BECAME_FULL).exists()


def test_correction_does_not_take_a_recorded_full_membership_back(town: Town) -> None:
    member = make_member(town.own.branch)
    stale = Member.objects.get(pk=member.pk)
    stale.full_member_on = None
    with pytest.raises(ValidationError, match="请在党员页面撤回“转为正式党员”"):
        correct_member(actor=town.people[OFFICE], member=stale)
    assert kinds(member)[1] == (ChangeKind.BECAME_FULL, date(2011, 5, 10))
    full = member.changes.get(kind=ChangeKind.BECAME_FULL)
    void_change(actor=town.people[OFFICE], change=full, reason="尚未转正")
    member.refresh_from_db()
    assert (member.full_member_on, member.probation_ends_on) == (None, date(2011, 5, 10))


def test_full_membership_that_came_with_a_transferred_file_may_be_emptied(town: Town) -> None:
    arrival = {"kind": ChangeKind.TRANSFERRED_IN, "occurred_on": date(2012, 1, 5), "place": "沂源县某支部"}
    member = register_member(actor=None, member=unsaved(town), **arrival)
    member.full_member_on = None
    correct_member(actor=None, member=member)
    assert member.probation_ends_on == date(2011, 5, 10)
    assert kinds(member) == [(ChangeKind.TRANSFERRED_IN, date(2012, 1, 5))]


def test_namesake_of_the_same_day_needs_a_number(town: Town) -> None:
    make_member(town.own.branch)
    assert "两名同名党员请填身份证号码以区分" in refused("id_number", member=unsaved(town))
    register_member(actor=None, member=unsaved(town), id_number=id_number(born_on=BORN))
    register_member(actor=None, member=unsaved(town, branch=town.foreign.branch))
    register_member(actor=None, member=unsaved(town, joined_on=date(2010, 5, 11)))
    assert Member.objects.count() == 4


def test_number_taken_between_check_and_writing_is_refused_without_its_index(town: Town) -> None:
    taken = register_member(actor=None, member=unsaved(town), id_number=id_number(born_on=BORN))
    late = unsaved(town, branch=town.foreign.branch)
    late.set_id_number(taken.read_id_number())
    with pytest.raises(ValidationError) as caught, transaction.atomic():
        late.save()
    assert caught.value.message_dict == {"id_number": [TAKEN]}
    assert caught.value.__suppress_context__
    twin = unsaved(town, uid=taken.uid)
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()


def test_full_membership_after_leaving_is_refused(town: Town) -> None:
    member = make_member(town.own.branch, full_member_on=None)
    record_change(actor=None, member=member, kind=ChangeKind.WITHDREW, occurred_on=date(2013, 1, 1))
    member.full_member_on = date(2014, 1, 1)
    with pytest.raises(ValidationError, match="转正日期晚于已登记的“除名（退党）"):
        correct_member(actor=None, member=member)


def test_branch_and_standing_are_not_corrected(town: Town) -> None:
    member = make_member(town.own.branch)
    member.standing, member.floating_since = "left", today()
    correct_member(actor=None, member=member)
    member.refresh_from_db()
    assert (member.standing, member.floating_since) == ("normal", None)
    member.branch = OrganizationFactory()
    with pytest.raises(ValidationError, match="换党支部请办理组织关系转接"):
        correct_member(actor=None, member=member)


def test_number_is_shown_for_a_reason_that_goes_into_the_journal(town: Town) -> None:
    number = id_number(born_on=BORN)
    member = register_member(actor=None, member=unsaved(town), id_number=number)
    clerk = town.people[OFFICE]
    for blank in ("", "  "):
        with pytest.raises(ValidationError, match="请写明查看的理由"):
            reveal_id_number(actor=clerk, member=member, reason=blank)
    with pytest.raises(ValidationError, match="理由最多 200 个字"):
        reveal_id_number(actor=clerk, member=member, reason="长" * 201)
    assert not JournalEntry.objects.exists()
    assert reveal_id_number(actor=clerk, member=member, reason=" 核对档案 ") == number
    entry = JournalEntry.objects.get()
    assert (entry.user, entry.action, entry.subject) == (clerk, JournalAction.REVEAL_ID_NUMBER, f"党员 {member.pk}")
    assert (entry.reason, entry.organization) == ("核对档案", member.branch)


def test_number_is_not_shown_without_the_right_there(town: Town) -> None:
    member = register_member(
        actor=None, member=unsaved(town, branch=town.foreign.branch), id_number=id_number(born_on=BORN)
    )
    own_clerk = UserFactory()
    appoint(own_clerk, OFFICE, town.own.branch)
    for user in (town.people[SECRETARY], town.people[DutyCode.TOWN_SECRETARY], own_clerk):
        with pytest.raises(PermissionDenied):
            reveal_id_number(actor=user, member=member, reason="看看")
    assert not JournalEntry.objects.exists()


def test_missing_or_tampered_number_gives_a_plain_message(town: Town) -> None:
    clerk, member = town.people[OFFICE], make_member(town.own.branch)
    with pytest.raises(ValidationError, match="没有登记身份证号码"):
        reveal_id_number(actor=clerk, member=member, reason="核对")
    member = register_member(actor=None, member=unsaved(town), id_number=id_number(born_on=BORN))
    Member.objects.filter(pk=member.pk).update(id_number_cipher=bytes(member.id_number_cipher or b"")[:-1] + b"x")
    member = Member.objects.get(pk=member.pk)
    with pytest.raises(ValidationError, match="身份证号码解不开"):
        reveal_id_number(actor=clerk, member=member, reason="核对")
    with pytest.raises(ValidationError, match="身份证号码解不开"):
        correct_member(actor=clerk, member=member)


def test_one_account_looks_at_twenty_numbers_an_hour(town: Town) -> None:
    member = register_member(actor=None, member=unsaved(town), id_number=id_number(born_on=BORN))
    clerk = town.people[OFFICE]
    for _ in range(LOOKS_AN_HOUR):
        reveal_id_number(actor=clerk, member=member, reason="核对")
    with pytest.raises(ValidationError, match="一小时内最多查看身份证号码 20 次"):
        reveal_id_number(actor=clerk, member=member, reason="核对")
    assert find_by_id_number(actor=clerk, text=member.read_id_number()), "searches are counted apart"
    assert reveal_id_number(actor=town.people[DutyCode.OFFICE_HEAD], member=member, reason="核对")


def test_search_finds_only_who_may_be_seen_and_says_no_more(town: Town) -> None:
    numbers = [id_number(born_on=BORN) for _ in range(3)]
    own = register_member(actor=None, member=unsaved(town), id_number=numbers[0])
    register_member(actor=None, member=unsaved(town, branch=town.foreign.branch), id_number=numbers[1])
    secretary = town.people[SECRETARY]
    found = [find_by_id_number(actor=secretary, text=number) for number in numbers]
    assert found == [own, None, None]
    subjects = list(JournalEntry.objects.order_by("pk").values_list("subject", flat=True))
    assert subjects == [f"党员 {own.pk}", "没有找到", "没有找到"]
    with pytest.raises(ValidationError, match="校验位不对"):
        find_by_id_number(actor=secretary, text=numbers[0][:-1] + ("0" if numbers[0][-1] != "0" else "1"))


def test_search_stops_after_twenty_an_hour(town: Town) -> None:
    secretary = town.people[SECRETARY]
    for _ in range(LOOKS_AN_HOUR):
        find_by_id_number(actor=secretary, text=id_number(born_on=BORN))
    with pytest.raises(ValidationError, match="一小时内最多按身份证号码查找 20 次"):
        find_by_id_number(actor=secretary, text=id_number(born_on=BORN))


def test_numbers_are_taken_out_with_a_reason_and_only_where_the_right_is_held(town: Town) -> None:
    own = register_member(actor=None, member=unsaved(town), id_number=id_number(born_on=BORN))
    make_member(town.own.branch, "孙中")
    register_member(actor=None, member=unsaved(town, branch=town.foreign.branch), id_number=id_number(born_on=BORN))
    own_clerk = UserFactory()
    appoint(own_clerk, OFFICE, town.own.branch)
    taken = take_id_numbers(actor=own_clerk, members=Member.objects.all(), reason="上报区委组织部")
    assert own in taken
    assert {member.branch for member in taken} == {town.own.branch}
    assert JournalEntry.objects.get().subject == "党员身份证号码 1 个"
    with pytest.raises(PermissionDenied):
        take_id_numbers(actor=town.people[DutyCode.TOWN_SECRETARY], members=Member.objects.all(), reason="看看")


@pytest.fixture
def back(town: Town) -> Member:
    """Full since 2011, withdrew on 1 March 2016, joined again on 1 June 2017."""
    member = make_member(town.own.branch)
    record_change(actor=None, member=member, kind=ChangeKind.WITHDREW, occurred_on=date(2016, 3, 1))
    rejoin_member(actor=None, member=member, branch=member.branch, joined_on=date(2017, 6, 1))
    return member


BEFORE = [
    (ChangeKind.JOINED, date(2010, 5, 10)),
    (ChangeKind.BECAME_FULL, date(2011, 5, 10)),
    (ChangeKind.WITHDREW, date(2016, 3, 1)),
]


def test_correction_of_one_who_joined_again_moves_the_last_joining_only(back: Member) -> None:
    back.joined_on = date(2017, 7, 1)
    correct_member(actor=None, member=back)
    assert kinds(back) == [*BEFORE, (ChangeKind.JOINED, date(2017, 7, 1))]
    assert back.probation_ends_on == date(2018, 7, 1)
    back.full_member_on = date(2018, 7, 1)
    correct_member(actor=None, member=back)
    assert kinds(back)[3:] == [(ChangeKind.JOINED, date(2017, 7, 1)), (ChangeKind.BECAME_FULL, date(2018, 7, 1))]
    back.full_member_on = date(2018, 7, 2)
    correct_member(actor=None, member=back)
    assert kinds(back) == [
        *BEFORE,
        (ChangeKind.JOINED, date(2017, 7, 1)),
        (ChangeKind.BECAME_FULL, date(2018, 7, 2)),
    ]
    void_change(actor=UserFactory(), change=back.changes.valid().get(occurred_on=date(2018, 7, 2)), reason="登记错")
    assert kinds(back) == [*BEFORE, (ChangeKind.JOINED, date(2017, 7, 1))]


def test_correction_does_not_move_joining_again_to_before_the_removal(back: Member) -> None:
    back.joined_on = date(2016, 2, 29)
    with pytest.raises(ValidationError, match="早于已登记的“除名（退党）（2016年3月1日）”"):
        correct_member(actor=None, member=back)
    back.joined_on = date(2016, 3, 1)
    correct_member(actor=None, member=back)
    assert kinds(back)[3:] == [(ChangeKind.JOINED, date(2016, 3, 1))]
    record_change(actor=None, member=back, kind=ChangeKind.HARDSHIP, occurred_on=date(2016, 4, 1))
    back.joined_on = date(2016, 4, 2)
    with pytest.raises(ValidationError, match="晚于已登记的“列为困难党员"):
        correct_member(actor=None, member=back)
