"""A fault while a confidential record is at hand: page, log and mail to the administrators tell where, never what."""

import logging
from collections.abc import Callable
from datetime import date
from logging.config import DictConfigurator  # type: ignore[attr-defined]  # not in the stubs
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client

from chishang.core.faults import told
from chishang.core.guards import told_in_words
from discipline.models import Person, Petition
from organizations.enums import DutyCode as D
from organizations.models import Organization
from tests.discipline.pages import OFFICE, PEOPLE, sign_in
from tests.discipline.planted import OPEN, SEALED, Planted, plant
from tests.discipline.walker import shows, told_by
from tests.factories import Town
from tests.members.life import make_member


@pytest.fixture
def planted(town: Town) -> Planted:
    return plant(town, make_member(town.own.branch, "赵东强"), [town.people[D.DISCIPLINE_HEAD]])


@pytest.fixture
def clerk(client: Client, town: Town, settings: Any) -> Client:
    settings.ADMINS = [("值班", "duty@portal.example")]
    client.raise_request_exception = False
    return sign_in(client, town.people[D.DISCIPLINE_CLERK])


def written(caplog: pytest.LogCaptureFixture, settings: Any) -> str:
    """What the portal's own handler writes of the records."""
    formatter = DictConfigurator({}).configure_formatter({**settings.LOGGING["formatters"]["line"]})
    return "\n".join(formatter.format(record) for record in caplog.records)


def broken(text: str) -> Callable[..., Any]:
    """Something that fails with a record's text in its hands, as ours would."""

    def fail(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError(text)

    return fail


@pytest.mark.parametrize("failing", ["while it is shown", "while it is sent"])
def test_fault_tells_nothing_of_the_record(
    clerk: Client,
    planted: Planted,
    settings: Any,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    failing: str,
) -> None:
    address = f"{PEOPLE}{planted.rows['person'].pk}/change/"
    if failing == "while it is shown":
        monkeypatch.setattr(Person, "masked_name", property(lambda row: broken(row.name)()))
        answer: Any = clerk.get(PEOPLE)
    else:
        monkeypatch.setattr("discipline.admin.common.check_purpose", broken(SEALED))
        answer = clerk.post(address, {"purpose": f"核对{SEALED}"})
    assert answer.status_code == 500
    assert not shows(told_by(answer))
    log = written(caplog, settings)
    assert "builtins.RuntimeError" in log
    assert not shows(log)
    (letter,) = mail.outbox
    assert "builtins.RuntimeError" in letter.body
    assert answer.wsgi_request.path in letter.body
    assert not shows(f"{letter.subject}{letter.body}{letter.alternatives}")


def test_refusal_of_the_database_is_told_without_the_row(planted: Planted) -> None:
    person = planted.rows["person"]
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Person.objects.bulk_create([Person(unit=OPEN, remark=OPEN, name_index=person.name_index)])
    assert OPEN in str(refused.value), "PostgreSQL repeats the row"
    text = told(refused.value)
    assert "person_unique" in text
    assert not shows(text)


def test_refusal_in_another_register_keeps_its_first_line(town: Town) -> None:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Organization.objects.bulk_create(
            [Organization(code=town.root.code, name="不该写进日志", founded_on=date(1990, 7, 1))]
        )
    text = told(refused.value)
    assert "duplicate key value violates unique constraint" in text
    assert "DETAIL" not in text
    assert "不该写进日志" not in text


def test_refusal_of_a_guard_names_no_row(planted: Planted) -> None:
    with pytest.raises(Exception, match="必须有处理结果") as refused, told_in_words():
        Petition.objects.update(closed_on=planted.rows["petition"].received_on, result_cipher=None)
    assert not shows(str(refused.value))


def test_log_of_another_fault_says_what_it_is(
    client: Client, town: Town, settings: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chishang.workbench.views.tile_groups", broken("倒塌的数字"))
    client.raise_request_exception = False
    assert sign_in(client, town.people[D.FINANCE_HEAD]).get("/").status_code == 500
    assert "RuntimeError: 倒塌的数字" in written(caplog, settings)


def test_search_for_a_name_is_in_no_log(
    clerk: Client, planted: Planted, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    clerk.get(f"{OFFICE}nothing/", {"q": SEALED})
    clerk.get(PEOPLE, {"q": SEALED})
    assert "Not Found: /admin/discipline/nothing/" in written(caplog, settings)
    assert not shows(written(caplog, settings))


def test_cause_is_told_with_the_effect() -> None:
    try:
        try:
            broken("内层")()
        except RuntimeError as error:
            raise ValueError("外层") from error
    except ValueError as error:
        text = told(error)
    assert text.index("builtins.RuntimeError: 内层") < text.index("builtins.ValueError: 外层")
