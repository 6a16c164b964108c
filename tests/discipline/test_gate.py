"""The gate of the confidential registers, and what the database refuses."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from chishang.core.encryption import DecryptionError
from chishang.core.guards import told_in_words
from discipline.enums import Measure
from discipline.models import Case, Namesake, Person, Petition, Sanction
from organizations.enums import DutyCode as D
from tests.discipline.records import make_case, make_lead, make_person, make_petition, make_sanction, name_on
from tests.factories import Town, UserFactory

pytestmark = pytest.mark.usefixtures("db")


@pytest.mark.parametrize("duty", [one for one in D if one not in {D.DISCIPLINE_HEAD, D.DISCIPLINE_CLERK}])
def test_other_duties_see_nothing(town: Town, duty: D) -> None:
    user, case = town.people[duty], make_case(make_person())
    name_on(case, user)
    make_petition()
    assert not Case.objects.visible_to(user).exists()
    assert not Petition.objects.visible_to(user).exists()
    assert not Person.objects.visible_to(user).exists()


def test_being_superuser_opens_nothing(town: Town) -> None:
    case, user = make_case(make_person()), UserFactory(is_superuser=True)
    name_on(case, user)
    assert not Case.objects.visible_to(user).exists()
    assert not user.has_perm("discipline.view_case")
    assert user.has_perm("visits.view_visit")
    assert not any(one.startswith("discipline.") for one in user.get_all_permissions())


def test_case_is_seen_by_those_named_on_it_until_the_last_day(town: Town) -> None:
    head, clerk = town.people[D.DISCIPLINE_HEAD], town.people[D.DISCIPLINE_CLERK]
    case = make_case(make_person())
    assert not Case.objects.visible_to(head).exists()
    access = name_on(case, clerk, days=0)
    assert list(Case.objects.visible_to(clerk)) == [case]
    assert not Case.objects.visible_to(head).exists()
    access.since = access.until = date(2017, 1, 1)
    access.save()
    assert not Case.objects.visible_to(clerk).exists()


def test_nobody_sees_a_record_about_himself(town: Town) -> None:
    clerk = town.people[D.DISCIPLINE_CLERK]
    own, other = make_case(make_person(name=clerk.name)), make_case(make_person("方某"), number="池纪立〔2017〕2号")
    for case in (own, other):
        name_on(case, clerk)
        make_sanction(case)
    assert list(Case.objects.visible_to(clerk)) == [other]
    assert [one.involvement.case for one in Sanction.objects.visible_to(clerk)] == [other]


def test_masked_name_hides_until_a_colleague_says_it_is_another(town: Town) -> None:
    clerk, head = town.people[D.DISCIPLINE_CLERK], town.people[D.DISCIPLINE_HEAD]
    person = make_person(f"{clerk.name[0]}某")
    assert not Person.objects.visible_to(clerk).exists()
    Namesake.objects.create(person=person, user=clerk, confirmed_by=head)
    assert list(Person.objects.visible_to(clerk)) == [person]
    person.account = clerk
    person.save()
    assert not Person.objects.visible_to(clerk).exists()


def test_lead_for_its_handler_only(town: Town) -> None:
    head, clerk = town.people[D.DISCIPLINE_HEAD], town.people[D.DISCIPLINE_CLERK]
    make_lead(handler=clerk, handler_only=True)
    make_petition(handler=head)
    assert type(make_lead(number="XS-2")).objects.visible_to(head).count() == 1
    assert Petition.objects.visible_to(head).count() == 1
    assert not Petition.objects.visible_to(clerk).exists()


def test_names_are_encrypted_for_their_row() -> None:
    one, other = make_person("方明远"), make_person("乔守信")
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(person::text, '') FROM discipline_person person")
        assert "方明远" not in cursor.fetchone()[0]
    assert Person.objects.get(pk=one.pk).name == "方明远"
    Person.objects.filter(pk=one.pk).update(name_cipher=other.name_cipher)
    with pytest.raises(DecryptionError):
        _ = Person.objects.get(pk=one.pk).name


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"impact_until": date(2018, 5, 5)}, "影响期与处分种类不符：按规定，警告的影响期为 12 个月，至 2018-05-04。"),
        ({"decided_on": date(2017, 3, 16)}, "处分决定日期不能早于立案日期（先立案、后处分）。"),
        ({"decided_on": date(2015, 12, 31)}, "处分决定日期不能早于立案日期（先立案、后处分）。"),
        ({"measure": Measure.PROBATION}, "留党察看要填察看期 12 或 24 个月，其他处分不填。"),
        (
            {"decided_by": "town_commission", "measure": Measure.REMOVAL, "impact_until": date(2019, 5, 4)},
            "该机关无权",
        ),
    ],
)
def test_database_refuses_a_sanction_against_the_rules(fields: dict[str, Any], message: str) -> None:
    case = make_case(make_person())
    if fields.get("measure") == Measure.PROBATION:
        fields = {**fields, "impact_until": date(2019, 5, 4)}
    with pytest.raises(ValidationError, match=message.replace("（", ".").replace("）", ".")), told_in_words():
        make_sanction(case, **fields)


def test_case_cannot_be_filed_after_its_sanction() -> None:
    case = make_case(make_person())
    make_sanction(case)
    with pytest.raises(ValidationError, match="立案日期不能晚于本案的处分决定日期"), told_in_words():
        Case.objects.update(filed_on=date(2017, 5, 6))


def test_petition_is_not_closed_without_a_result() -> None:
    with pytest.raises(ValidationError, match="必须有处理结果"), told_in_words():
        make_petition(closed_on=date(2017, 8, 9))
