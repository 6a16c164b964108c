"""The size of the text: a choice of this browser, made without script or account."""

from typing import Any

import pytest
from django.test import Client

from tests.factories import Town

PAGE = "/text-size/"


@pytest.mark.parametrize(("size", "label"), [("large", "大"), ("huge", "特大")])
def test_choice_stays_in_this_browser(client: Client, town: Town, size: str, label: str) -> None:
    mark = f'data-text="{size}"'
    assert mark not in client.get("/accounts/login/").text
    answer = client.post(PAGE, {"size": size, "next": "/accounts/login/?next=/visits/"})
    assert answer.headers["Location"] == "/accounts/login/?next=/visits/"
    assert mark in client.get("/accounts/login/").text
    assert f"✓ {label}：" in client.get(PAGE).text
    assert mark not in Client().get("/accounts/login/").text
    client.post(PAGE, {"size": ""})
    assert "data-text" not in client.get("/accounts/login/").text


def test_nonsense_is_asked_again_and_leads_nowhere_else(client: Client, town: Town) -> None:
    answer = client.post(PAGE, {"size": "gigantic", "next": "https://elsewhere.example/"})
    assert (answer.status_code, "elsewhere" in answer.text) == (200, False)
    assert "text" not in client.cookies
    for following in ("https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"):
        assert client.post(PAGE, {"size": "large", "next": following}).headers["Location"] == "/"


def test_page_comes_back_to_where_one_was(client: Client, town: Town) -> None:
    answer = client.get(PAGE, headers={"Referer": "http://testserver/accounts/login/?next=/visits/"})
    assert 'value="http://testserver/accounts/login/?next=/visits/"' in answer.text
    assert "elsewhere" not in client.get(PAGE, headers={"Referer": "https://elsewhere.example/"}).text


def test_foot_says_whom_to_call(client: Client, town: Town, settings: Any) -> None:
    assert "有问题请打镇党建办电话。" in client.get("/accounts/login/").text
    settings.DESK_PHONE = "0533-0000000"
    assert '<a href="tel:0533-0000000">0533-0000000</a>' in client.get("/accounts/login/").text
