"""Rules with validity and code lists in the admin."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from discipline.models import FeedbackCategory, LeadSource, MeasureRule, TimeLimit
from organizations.enums import DutyCode as D
from tests.factories import Town
from tests.finance.registers import faults
from tests.organizations.test_admin import sign_in

REGISTERS = "/admin/discipline/"


@pytest.fixture
def office(client: Client, town: Town) -> Client:
    return sign_in(client, town, D.DISCIPLINE_CLERK)


def limit(**values: Any) -> dict[str, Any]:
    named = {"code": "petition_acknowledgement", "amount": 20, "unit": "working_day"}
    return {**named, "valid_from": "2020-01-01", "source": "镇里核定", **values}


def test_changed_limit_is_a_new_row(office: Client) -> None:
    assert office.post(f"{REGISTERS}timelimit/add/", limit()).status_code == 302
    assert "该事项这一天起的时限已经登记" in faults(office.post(f"{REGISTERS}timelimit/add/", limit()))
    assert TimeLimit.objects.filter(code="petition_acknowledgement").count() == 2
    page = office.get(f"{REGISTERS}timelimit/?code__exact=petition_acknowledgement").content.decode()
    assert "20 个工作日" in page
    assert "15 个工作日" in page


def test_limit_of_zero_is_an_error_of_the_form(office: Client) -> None:
    assert "amount" in faults(office.post(f"{REGISTERS}timelimit/add/", limit(amount=0)))


def test_rule_keeps_what_it_is_about(office: Client) -> None:
    rule = MeasureRule.objects.get(measure="warning")
    data = {"measure": "expulsion", "months": 12, "valid_from": "2016-01-01", "source": "条例"}
    assert office.post(f"{REGISTERS}measurerule/{rule.pk}/change/", data).status_code == 302
    rule.refresh_from_db()
    assert (rule.measure, rule.source, rule.valid_from) == ("warning", "条例", date(2016, 1, 1))


@pytest.mark.parametrize(("register", "model"), [("leadsource", LeadSource), ("feedbackcategory", FeedbackCategory)])
def test_code_list_takes_a_name_once(office: Client, register: str, model: Any) -> None:
    data = {"name": "巡视移交", "sort_no": 80, "is_active": "on"}
    assert office.post(f"{REGISTERS}{register}/add/", data).status_code == 302
    assert "已经登记" in faults(office.post(f"{REGISTERS}{register}/add/", data))
    assert model.objects.filter(name="巡视移交").count() == 1


@pytest.mark.parametrize("register", ["timelimit", "measurerule", "leadsource", "feedbackcategory"])
@pytest.mark.parametrize("duty", [D.OFFICE_HEAD, D.TOWN_SECRETARY, D.SYSTEM_ADMINISTRATOR])
def test_register_does_not_exist_for_others(client: Client, town: Town, register: str, duty: D) -> None:
    sign_in(client, town, duty)
    for page in ("", "add/", "import/", "export/"):
        assert client.get(f"{REGISTERS}{register}/{page}").status_code == 404


@pytest.mark.parametrize(("register", "expected"), [("timelimit", 12), ("leadsource", 12)])
def test_list_takes_a_constant_number_of_queries(
    office: Client, register: str, expected: int, django_assert_num_queries: Any
) -> None:
    model: Any = {"timelimit": TimeLimit, "leadsource": LeadSource}[register]
    office.get(f"{REGISTERS}{register}/")
    for keep in (1, 3):
        keys = ",".join(str(key) for key in model.objects.order_by("pk").values_list("pk", flat=True)[:keep])
        with django_assert_num_queries(expected):
            page: Any = office.get(f"{REGISTERS}{register}/?pk__in={keys}")
        assert len(page.context["cl"].result_list) == keep
