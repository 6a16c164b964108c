"""Refusals and faults are problems in Chinese, never pages or traces."""

import logging

import pytest
from django.test import Client
from django.urls import include, path
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from organizations.enums import DutyCode
from tests.api import api_client
from tests.factories import Town


class FaultyView(APIView):
    permission_classes = (AllowAny,)

    def get(self, request: Request) -> Response:
        raise ZeroDivisionError("secret detail")


urlpatterns = [path("api/v1/fault/", FaultyView.as_view()), path("", include("chishang.urls"))]


def check(response: object, status: int, kind: str) -> dict:
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    body = response.json()
    assert (body["type"], body["status"]) == (f"urn:chishang:problem:{kind}", status)
    return body


@pytest.mark.parametrize("address", ["visits/", "issues/", "report/", "schema/", "report/issues.raised/rows/"])
def test_anonymous_call_is_401_and_no_redirect(db: None, address: str) -> None:
    response = Client().get(f"/api/v1/{address}", headers={"Accept": "*/*"})

    check(response, 401, "unauthenticated")
    assert response.headers["WWW-Authenticate"] == "Api-Key"


def test_missing_permission_is_403_and_says_nothing_more(town: Town) -> None:
    body = check(api_client(town.people[DutyCode.ACCOUNTANT]).get("/api/v1/visits/"), 403, "forbidden")

    assert body == {"type": "urn:chishang:problem:forbidden", "title": "没有这项权限", "status": 403}


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "post", "trace"])
def test_unsupported_method_is_405(town: Town, method: str) -> None:
    client = api_client(town.people[DutyCode.OFFICE_CLERK])

    response = getattr(client, method)(f"/api/v1/issues/{1}/")

    check(response, 405, "method-not-allowed")


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("address", ["/api/v1/nothing/", "/api/v1/visits", "/api/v2/", "/api/", "/api/v1/visits/abc/"])
def test_unknown_address_is_a_404_problem(db: None, method: str, address: str) -> None:
    check(getattr(Client(), method)(address), 404, "not-found")


def test_unacceptable_format_is_406(town: Town) -> None:
    client = api_client(town.people[DutyCode.OFFICE_CLERK])

    check(client.get("/api/v1/visits/", headers={"Accept": "text/csv"}), 406, "not-acceptable")


def test_write_without_csrf_token_is_403_and_says_what_to_do(town: Town) -> None:
    client = api_client(town.people[DutyCode.BRANCH_SECRETARY], enforce_csrf_checks=True)

    body = check(client.post("/api/v1/visits/", {}, content_type="application/json"), 403, "forbidden")

    assert "CSRF" in body["detail"]


@pytest.mark.parametrize(
    "body", ["{", "[" * 100_000, '{"op_id": NaN}', "\ud800".encode("utf-8", "surrogatepass"), "[]", "1"]
)
def test_body_that_is_no_object_is_400(town: Town, body: str) -> None:
    client = api_client(town.people[DutyCode.BRANCH_SECRETARY])

    check(client.post("/api/v1/visits/", body, content_type="application/json"), 400, "invalid")


def test_body_of_another_type_is_415_and_one_too_large_413(town: Town) -> None:
    client = api_client(town.people[DutyCode.BRANCH_SECRETARY])

    check(client.post("/api/v1/visits/", {"op_id": "1"}), 415, "unsupported-media-type")
    too_large = '{"content": "' + "x" * (2 * 1024 * 1024) + '"}'
    check(client.post("/api/v1/visits/", too_large, content_type="application/json"), 413, "too-large")


@pytest.mark.urls(__name__)
def test_our_own_fault_is_500_without_a_trace_but_with_a_log(db: None, caplog: pytest.LogCaptureFixture) -> None:
    client = Client(raise_request_exception=False)
    with caplog.at_level(logging.ERROR, "django.request"):
        response = client.get("/api/v1/fault/")

    check(response, 500, "internal")
    assert "secret" not in response.content.decode()
    assert caplog.records[0].exc_info[0] is ZeroDivisionError


@pytest.mark.urls(__name__)
def test_our_own_fault_reaches_the_test_client(db: None) -> None:
    with pytest.raises(ZeroDivisionError):
        Client().get("/api/v1/fault/")
