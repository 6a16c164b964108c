"""Petitions and leads in the admin: lists with masked names, records for a purpose, steps as pages."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from chishang.core.dates import today
from discipline.enums import Disposal
from discipline.models import Case, Lead, LeadSource, Person, Petition, Reading
from organizations.enums import DutyCode as D
from organizations.models import User
from tests.discipline.records import make_case, make_lead, make_person, make_petition, name_on
from tests.factories import Town, UserFactory
from tests.organizations.test_admin import sign_in

PETITIONS, LEADS = "/admin/discipline/petition/", "/admin/discipline/lead/"
PURPOSE = {"purpose": "准备办理信访件"}
NO_PERSON = {"person_name": "", "person_unit": "", "person_remark": ""}


@pytest.fixture
def clerk(town: Town) -> User:
    return town.people[D.DISCIPLINE_CLERK]


@pytest.fixture
def office(client: Client, town: Town) -> Client:
    """The clerk, signed in."""
    return sign_in(client, town, D.DISCIPLINE_CLERK)


def opened(client: Client, row: Any) -> str:
    """The address of a record, once its purpose is told."""
    address = f"/admin/discipline/{row._meta.model_name}/{row.pk}/change/"
    assert client.post(address, PURPOSE).status_code == 302
    return address


def page_of(client: Client, row: Any) -> str:
    return client.get(opened(client, row)).content.decode()


def numbers(client: Client, address: str) -> list[str]:
    page: Any = client.get(address)
    return [row.number for row in page.context["cl"].result_list]


def errors_of(answer: Any) -> str:
    context = answer.context
    form = context["adminform"].form if "adminform" in context else context["form"]
    return str(dict(form.errors))


def petition_form(**values: Any) -> dict[str, Any]:
    facts = {"number": "XF-1", "origin": "letter", "sender": "区信访局", "received_on": "2017-06-14"}
    return {**facts, **NO_PERSON, "organization": "", "summary": "账目公开不完整", **values}


def lead_form(**values: Any) -> dict[str, Any]:
    facts = {"number": "XS-1", "source": LeadSource.objects.all()[0].pk, "received_on": "2017-06-20"}
    return {**facts, **NO_PERSON, "organization": "", "content": "线索内容", "petition": "", **values}


def test_petition_is_typed_in_with_its_person(office: Client) -> None:
    data = petition_form(person_name="方 明远", person_unit="石桥村", is_signed="on")
    assert office.post(f"{PETITIONS}add/", data).status_code == 302
    petition = Petition.objects.get()
    assert (petition.person.name, petition.summary, petition.is_signed) == ("方明远", "账目公开不完整", True)
    data = petition_form(number="XF-2", person_name="方明远", person_unit="石桥村")
    assert office.post(f"{PETITIONS}add/", data).status_code == 302
    assert Person.objects.count() == 1
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"summary": ""}, "summary"),
        ({"received_on": (today() + timedelta(days=1)).isoformat()}, "收到日期不能晚于今天"),
        ({"person_name": "方明远"}, "请填写被反映人单位"),
        ({"person_unit": "石桥村"}, "请填写被反映人姓名"),
        ({"person_name": "纪检干事甲", "person_unit": "镇政府"}, "请由其他纪检人员登记"),
        ({"number": "XF-2017-01"}, "这个编号不能用"),
    ],
)
def test_wrong_petition_is_an_error_of_the_form(office: Client, values: dict[str, Any], words: str) -> None:
    make_petition()
    assert words in errors_of(office.post(f"{PETITIONS}add/", petition_form(**values)))
    assert Petition.objects.count() == 1
    assert not Person.objects.exists()


def test_list_masks_names_and_finds_them_whole(office: Client) -> None:
    make_petition("XF-1", person=make_person("方明远"))
    make_petition("XF-2", person=make_person("方某", unit="外村"))
    make_petition("XF-3")
    page = office.get(PETITIONS).content.decode()
    assert "方某某" in page
    assert "方明远" not in page
    assert numbers(office, f"{PETITIONS}?q=方某") == ["XF-2"]
    assert numbers(office, f"{PETITIONS}?q=方明远") == ["XF-1"]
    assert numbers(office, f"{PETITIONS}?q=xf-3") == ["XF-3"]
    assert numbers(office, f"{PETITIONS}?q=方") == []


def test_record_is_shown_for_a_purpose_that_is_kept(office: Client, clerk: User) -> None:
    petition = make_petition(person=make_person("方明远"))
    address = f"{PETITIONS}{petition.pk}/change/"
    asked = office.get(address).content.decode()
    assert "方明远" not in asked
    assert "账目公开" not in asked
    page = page_of(office, petition)
    assert "方明远" in page
    assert "反映某村账目公开不完整" in page
    assert Reading.objects.get().purpose == PURPOSE["purpose"]
    assert Reading.objects.get().user == clerk


@pytest.mark.parametrize("step", ["acknowledge", "close", "change"])
def test_no_page_shows_a_record_without_a_purpose(office: Client, step: str) -> None:
    petition = make_petition()
    page = office.get(f"{PETITIONS}{petition.pk}/{step}/")
    assert "查阅目的" in page.content.decode()
    assert not Reading.objects.exists()


def test_steps_of_a_petition_are_pages(office: Client) -> None:
    petition = make_petition(is_signed=True)
    assert "待告知受理" in page_of(office, petition)
    base = f"{PETITIONS}{petition.pk}/"
    assert office.get(f"{base}acknowledge/").status_code == 200
    assert office.post(f"{base}acknowledge/", {"acknowledged_on": "2017-06-20"}).status_code == 302
    assert "必填" in errors_of(office.post(f"{base}close/", {"closed_on": "2017-08-09", "result": ""}))
    answer = office.post(f"{base}close/", {"closed_on": "2017-06-19", "result": "查实"})
    assert (answer.status_code, "不能早于告知受理日期" in errors_of(answer)) == (422, True)
    assert office.post(f"{base}close/", {"closed_on": "2017-08-09", "result": "查实"}).status_code == 302
    petition = Petition.objects.get()
    assert (petition.acknowledged_on, petition.closed_on, petition.result) == (
        date(2017, 6, 20),
        date(2017, 8, 9),
        "查实",
    )


def test_what_was_mistyped_is_put_right(office: Client) -> None:
    petition = make_petition(person=make_person("方明远"), closed_on=date(2017, 8, 9), result="查实")
    address = opened(office, petition)
    data = petition_form(number="XF-2017-01", person_name="乔守信", person_unit="石桥村")
    data |= {"closed_on": "2017-08-10", "result": "查实，已整改"}
    assert office.post(address, data).status_code == 302
    petition = Petition.objects.get()
    assert (petition.person.name, petition.closed_on, petition.result) == ("乔守信", date(2017, 8, 10), "查实，已整改")
    assert "必须有处理结果" in errors_of(office.post(address, data | {"result": ""}))
    assert office.post(address, data | NO_PERSON).status_code == 302
    assert Petition.objects.get().person is None


def test_form_that_was_open_before_the_closing_does_not_undo_it(office: Client) -> None:
    petition = make_petition()
    address = opened(office, petition)
    office.post(f"{PETITIONS}{petition.pk}/close/", {"closed_on": "2017-08-09", "result": "查实"})
    assert office.post(address, petition_form(number="XF-9")).status_code == 302
    petition = Petition.objects.get()
    assert (petition.number, petition.closed_on, petition.result) == ("XF-9", date(2017, 8, 9), "查实")


def test_only_the_head_assigns_and_loses_sight_of_a_closed_one(client: Client, town: Town, clerk: User) -> None:
    petition = make_petition()
    address = f"{PETITIONS}{petition.pk}/assign/"
    assert sign_in(client, town, D.DISCIPLINE_CLERK).get(address).status_code == 403
    sign_in(client, town, D.DISCIPLINE_HEAD)
    assert "分派承办人" in page_of(client, petition)
    form: Any = client.get(address).context["form"]
    assert set(form.fields["handler"].queryset) == {clerk, town.people[D.DISCIPLINE_HEAD]}
    assert "请先选定承办人" in errors_of(client.post(address, {"handler": "", "handler_only": "on"}))
    other = town.people[D.OFFICE_HEAD].pk
    assert "handler" in errors_of(client.post(address, {"handler": other}))
    answer = client.post(address, {"handler": clerk.pk, "handler_only": "on"}, follow=True)
    assert answer.redirect_chain[-1][0] == PETITIONS
    assert "只有承办人能看到" in answer.content.decode()
    assert client.get(address).status_code == 404
    assert numbers(client, PETITIONS) == []
    assert numbers(sign_in(client, town, D.DISCIPLINE_CLERK), PETITIONS) == ["XF-2017-01"]


def test_head_gives_a_new_one_into_hands_at_once(client: Client, town: Town, clerk: User) -> None:
    clerks_form: Any = sign_in(client, town, D.DISCIPLINE_CLERK).get(f"{PETITIONS}add/")
    assert "handler" not in clerks_form.context["adminform"].form.fields
    data = petition_form(handler=clerk.pk, handler_only="on")
    assert client.post(f"{PETITIONS}add/", data | {"number": "XF-0"}).status_code == 302
    assert Petition.objects.get(number="XF-0").handler is None
    sign_in(client, town, D.DISCIPLINE_HEAD)
    assert client.post(f"{PETITIONS}add/", data).status_code == 302
    petition = Petition.objects.get(number="XF-1")
    assert (petition.handler, petition.handler_only) == (clerk, True)
    assert "请先选定承办人" in errors_of(client.post(f"{PETITIONS}add/", data | {"number": "XF-2", "handler": ""}))


def test_filters_by_state_lateness_and_handler(office: Client, clerk: User) -> None:
    make_petition("XF-1", is_signed=True, received_on=today())
    make_petition("XF-2", handler=clerk)
    make_petition("XF-3", closed_on=date(2017, 8, 9), result="查实")
    assert numbers(office, f"{PETITIONS}?state=waiting") == ["XF-1"]
    assert numbers(office, f"{PETITIONS}?state=open") == ["XF-2"]
    assert numbers(office, f"{PETITIONS}?state=closed") == ["XF-3"]
    assert numbers(office, f"{PETITIONS}?late=yes") == ["XF-2"]
    assert numbers(office, f"{PETITIONS}?handled_by={clerk.pk}") == ["XF-2"]
    assert numbers(office, f"{PETITIONS}?handled_by=nobody") == ["XF-1", "XF-3"]
    assert len(numbers(office, f"{PETITIONS}?state=x&handled_by=x&late=x")) == 3
    assert "逾期" in office.get(PETITIONS).content.decode()


def test_lead_comes_from_a_petition_and_goes_its_way(office: Client, clerk: User) -> None:
    petition = make_petition()
    assert f"{LEADS}add/?petition={petition.pk}" in page_of(office, petition)
    form: Any = office.get(f"{LEADS}add/?petition={petition.pk}").context["adminform"].form
    assert form.initial["petition"] == str(petition.pk)
    assert office.post(f"{LEADS}add/", lead_form(petition=petition.pk)).status_code == 302
    lead = Lead.objects.get()
    assert petition.number in page_of(office, lead)
    assert lead.number in page_of(office, petition)
    base = f"{LEADS}{lead.pk}/"
    proposed = {"disposal": Disposal.VERIFICATION, "proposed_on": "2017-07-01"}
    assert "不能早于收到日期" in errors_of(office.post(f"{base}propose/", proposed | {"proposed_on": "2017-06-01"}))
    assert office.post(f"{base}propose/", proposed).status_code == 302
    case, hidden = make_case(filed_on=date(2017, 7, 20)), make_case(number="池纪立〔2017〕2号")
    name_on(case, clerk)
    finish: Any = office.get(f"{base}finish/")
    assert list(finish.context["form"].fields["case"].queryset) == [case]
    typed = {"finished_on": "2017-08-01", "outcome": "立案"}
    assert "case" in errors_of(office.post(f"{base}finish/", typed | {"case": hidden.pk}))
    assert office.post(f"{base}finish/", typed | {"case": case.pk}).status_code == 302
    assert Lead.objects.get().case == case
    assert "已办结" in page_of(office, lead)


def test_case_that_one_does_not_see_is_not_told_and_stays(office: Client) -> None:
    case: Case = make_case(filed_on=date(2017, 7, 20))
    lead = make_lead(case=case, disposal=Disposal.VERIFICATION, proposed_on=date(2017, 7, 1))
    lead.finished_on, lead.outcome = date(2017, 8, 1), "立案"
    lead.save()
    assert case.number not in page_of(office, lead)
    data = lead_form(number="XS-9", disposal="verification", proposed_on="2017-07-02", finished_on="2017-08-01")
    assert office.post(f"{LEADS}{lead.pk}/change/", data | {"outcome": "已立案"}).status_code == 302
    lead = Lead.objects.get()
    assert (lead.case, lead.number, lead.outcome, lead.proposed_on) == (case, "XS-9", "已立案", date(2017, 7, 2))


def test_further_petition_is_linked(office: Client, town: Town) -> None:
    lead, petition = make_lead(), make_petition()
    hidden = make_petition("XF-2", handler=town.people[D.DISCIPLINE_HEAD])
    opened(office, lead)
    address = f"{LEADS}{lead.pk}/link/"
    assert "petition" in errors_of(office.post(address, {"petition": hidden.pk}))
    assert office.post(address, {"petition": petition.pk}).status_code == 302
    assert "petition" in errors_of(office.post(address, {"petition": petition.pk}))
    assert [link.petition for link in lead.petition_links.all()] == [petition]


def test_lists_of_leads_are_filtered(office: Client, town: Town) -> None:
    make_lead("XS-1", received_on=today())
    make_lead("XS-2", disposal=Disposal.INQUIRY, proposed_on=date(2017, 7, 1), person=make_person("方某"))
    make_lead("XS-3", handler=town.people[D.DISCIPLINE_HEAD])
    assert numbers(office, LEADS) == ["XS-1", "XS-2"]
    assert numbers(office, f"{LEADS}?state=new") == ["XS-1"]
    assert numbers(office, f"{LEADS}?late=yes") == ["XS-2"]
    assert numbers(office, f"{LEADS}?q=方某") == ["XS-2"]
    assert numbers(office, f"{LEADS}?handled_by=nobody") == ["XS-1", "XS-2"]


def test_source_no_longer_in_use_is_not_offered_but_kept(office: Client) -> None:
    lead = make_lead()
    LeadSource.objects.filter(pk=lead.source_id).update(is_active=False)
    form: Any = office.get(f"{LEADS}add/").context["adminform"].form
    assert lead.source not in form.fields["source"].queryset
    assert office.post(opened(office, lead), lead_form(source=lead.source_id, number="XS-9")).status_code == 302
    assert Lead.objects.get().number == "XS-9"


@pytest.mark.parametrize("duty", [D.OFFICE_HEAD, D.TOWN_SECRETARY, D.SYSTEM_ADMINISTRATOR])
def test_for_others_there_is_no_such_address(client: Client, town: Town, duty: D) -> None:
    petition, lead = make_petition(), make_lead()
    sign_in(client, town, duty)
    addresses = [
        f"{PETITIONS}{petition.pk}/{name}/" for name in ("change", "history", "acknowledge", "close", "assign")
    ]
    addresses += [f"{LEADS}{lead.pk}/{name}/" for name in ("change", "propose", "finish", "link", "assign")]
    unknown = client.get("/admin/discipline/nothing/").status_code
    for address in (PETITIONS, LEADS, *addresses):
        assert client.get(address).status_code == unknown == 404
        assert client.post(address, PURPOSE).status_code == 404


def test_superuser_finds_nothing(client: Client, town: Town) -> None:
    petition = make_petition()
    client.force_login(UserFactory(is_superuser=True), backend="organizations.backends.AppointmentBackend")
    for name in ("change", "acknowledge", "close", "assign"):
        assert client.get(f"{PETITIONS}{petition.pk}/{name}/").status_code == 404


def test_a_row_that_one_does_not_see_is_none(office: Client, town: Town, clerk: User) -> None:
    hidden = [
        make_petition("XF-1", handler=town.people[D.DISCIPLINE_HEAD]),
        make_petition("XF-2", person=make_person(clerk.name)),
    ]
    for petition in hidden:
        for name in ("change", "history", "acknowledge", "close", "assign"):
            assert office.get(f"{PETITIONS}{petition.pk}/{name}/").status_code == 404
            assert office.post(f"{PETITIONS}{petition.pk}/{name}/", PURPOSE).status_code == 404
    assert not Reading.objects.exists()


@pytest.mark.parametrize("register", [PETITIONS, LEADS])
def test_nothing_comes_in_or_goes_out_as_a_sheet(office: Client, register: str) -> None:
    assert office.get(f"{register}import/").status_code == 403
    assert office.get(f"{register}export/").status_code == 403


@pytest.mark.parametrize(("register", "make", "expected"), [(PETITIONS, make_petition, 15), (LEADS, make_lead, 16)])
def test_list_takes_the_same_queries_for_one_row_and_three(
    office: Client, clerk: User, register: str, make: Any, expected: int, django_assert_num_queries: Any
) -> None:
    make("N-1", person=make_person("方某"), handler=clerk)
    office.get(register)
    with django_assert_num_queries(expected):
        office.get(register)
    for name in ("乔某", "苏某"):
        make(f"N-{name}", person=make_person(name), handler=clerk)
    with django_assert_num_queries(expected):
        office.get(register)
    assert len(numbers(office, register)) == 3
