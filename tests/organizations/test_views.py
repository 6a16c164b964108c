"""Sign-in: neutral errors, lockout of one name at one address, idle time by duty; change of one's password."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from chishang.core.dates import today
from organizations.enums import DutyCode
from organizations.models import Appointment, Duty, User
from tests.factories import PASSWORD, Town, UserFactory, appoint

SECRETARY, CLERK = DutyCode.BRANCH_SECRETARY, DutyCode.OFFICE_CLERK
LOGIN = "/accounts/login/"
WRONG = "登录名或密码不对"


def sign_in(client: Client, user: User, password: str = PASSWORD, **more: str):
    return client.post(LOGIN, {"username": user.username, "password": password, **more})


def test_sign_in_page_is_open_and_helps_the_browser_to_fill_it(client: Client, town: Town) -> None:
    response = client.get(LOGIN)

    assert response.status_code == 200
    assert 'autocomplete="username"' in response.text
    assert 'autocomplete="current-password"' in response.text
    assert "有问题请打镇党建办电话" in response.text


def test_secretary_signs_in_and_comes_to_the_visits(client: Client, town: Town) -> None:
    response = client.post(LOGIN, {"username": town.people[SECRETARY].username, "password": PASSWORD}, follow=True)

    assert response.redirect_chain == [("/", 302), ("/visits/", 302)]


@pytest.mark.parametrize("name", ["no-such-name", "secretary", "inactive", "no-password"])
def test_error_is_the_same_whether_or_not_the_account_exists(client: Client, town: Town, name: str) -> None:
    UserFactory(username="inactive", is_active=False)
    UserFactory(username="no-password", password=None)
    username = town.people[SECRETARY].username if name == "secretary" else name
    password = PASSWORD if name == "inactive" else "wrong-password-1"

    response = client.post(LOGIN, {"username": username, "password": password})

    assert response.status_code == 200
    assert WRONG in response.text
    assert response.text.count("<p>! ") == 1
    assert "_auth_user_id" not in client.session


def test_empty_form_says_what_to_fill_in(client: Client, town: Town) -> None:
    response = client.post(LOGIN, {})

    assert "请填写登录名。" in response.text
    assert "请填写密码。" in response.text


def test_six_wrong_passwords_lock_that_name_there_and_no_colleague(client: Client, town: Town) -> None:
    secretary, colleague = town.people[SECRETARY], town.people[DutyCode.FIRST_SECRETARY]
    for _ in range(5):
        response = sign_in(client, secretary, "wrong-password-1")

    sixth = sign_in(client, secretary, "wrong-password-1")
    right = sign_in(client, secretary)

    assert response.status_code == sixth.status_code == right.status_code == 429
    assert "30 分钟" in right.text
    assert "党建办" in right.text
    assert "_auth_user_id" not in client.session
    assert sign_in(Client(), colleague).status_code == 302
    assert sign_in(Client(REMOTE_ADDR="203.0.113.9"), secretary).status_code == 302


def test_unknown_name_is_locked_like_a_known_one(client: Client, town: Town) -> None:
    answers = [client.post(LOGIN, {"username": "nobody", "password": "x"}).status_code for _ in range(6)]

    assert answers == [200, 200, 200, 200, 429, 429]


@pytest.mark.parametrize(("duty", "minutes"), [(SECRETARY, 12 * 60), (CLERK, 30), (DutyCode.DISTRICT_CLIENT, 30)])
def test_session_ends_after_the_idle_time_of_the_duty(
    client: Client, town: Town, duty: DutyCode, minutes: int
) -> None:
    response = sign_in(client, town.people[duty])

    assert client.session.get_expiry_age() == minutes * 60
    assert response.cookies["sessionid"]["max-age"] == minutes * 60


def test_shortest_idle_time_of_several_duties_counts(client: Client, town: Town) -> None:
    appoint(town.people[SECRETARY], CLERK, town.root)

    sign_in(client, town.people[SECRETARY])

    assert client.session.get_expiry_age() == 30 * 60


def test_ended_duty_does_not_shorten_the_idle_time(client: Client, town: Town) -> None:
    appoint(town.people[SECRETARY], CLERK, town.root, ended_on=today() - timedelta(days=1))

    sign_in(client, town.people[SECRETARY])

    assert client.session.get_expiry_age() == 12 * 60 * 60


def test_idle_time_follows_the_duty_as_the_office_sets_it(client: Client, town: Town) -> None:
    Duty.objects.filter(code=CLERK).update(idle_minutes=5)

    sign_in(client, town.people[CLERK])

    assert client.session.get_expiry_age() == 300


def test_every_request_moves_the_end_of_the_session_on(client: Client, town: Town) -> None:
    sign_in(client, town.people[SECRETARY])

    response = client.get(reverse("visits:home"))

    assert response.cookies["sessionid"]["max-age"] == 12 * 60 * 60


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_sign_in_never_leads_to_another_site(client: Client, town: Town, target: str) -> None:
    assert sign_in(client, town.people[SECRETARY], next=target).url == "/"


def test_sign_in_leads_back_to_the_page_asked_for(client: Client, town: Town) -> None:
    assert sign_in(client, town.people[SECRETARY], next="/visits/issues/").url == "/visits/issues/"


def test_sign_out_takes_a_post_and_ends_the_session(client: Client, town: Town) -> None:
    sign_in(client, town.people[SECRETARY])

    assert client.get("/accounts/logout/").status_code == 405
    assert client.post("/accounts/logout/").url == f"{LOGIN}?left=yes"
    assert client.get("/visits/").status_code == 302
    assert client.post("/accounts/logout/").url == f"{LOGIN}?left=yes"


def test_password_is_changed_and_the_session_goes_on(client: Client, town: Town) -> None:
    user = town.people[SECRETARY]
    sign_in(client, user)
    elsewhere = Client()
    sign_in(elsewhere, user)
    words = {"old_password": PASSWORD, "new_password1": "green-hills-72x", "new_password2": "green-hills-72x"}

    response = client.post("/accounts/password/", words, follow=True)

    assert "密码已经改好" in response.text
    assert client.session.get_expiry_age() == 12 * 60 * 60
    assert elsewhere.get("/visits/").status_code == 302
    user.refresh_from_db()
    assert user.check_password("green-hills-72x")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({}, "请填写现在的密码。"),
        ({"old_password": "x", "new_password1": "green-hills-72x", "new_password2": "green-hills-72x"}, "旧密码"),
        ({"old_password": PASSWORD, "new_password1": "short1", "new_password2": "short1"}, "10"),
        ({"old_password": PASSWORD, "new_password1": "1234509876543", "new_password2": "1234509876543"}, "数字"),
        ({"old_password": PASSWORD, "new_password1": "green-hills-72x", "new_password2": "green-hills-72y"}, "一致"),
    ],
)
def test_bad_new_password_is_refused(client: Client, town: Town, words: dict[str, str], message: str) -> None:
    user = town.people[SECRETARY]
    client.force_login(user)

    response = client.post("/accounts/password/", words)

    assert message in response.text
    assert 'role="alert"' in response.text
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_password_page_asks_the_anonymous_to_sign_in(client: Client, town: Town) -> None:
    assert client.get("/accounts/password/").url == f"{LOGIN}?next=/accounts/password/"


def test_account_without_any_duty_gets_the_default_idle_time(client: Client, town: Town) -> None:
    Appointment.objects.filter(user=town.people[SECRETARY]).update(ended_on=today() - timedelta(days=1))

    sign_in(client, town.people[SECRETARY])

    assert client.session.get_expiry_age() == 30 * 60
