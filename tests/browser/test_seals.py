"""The two seals on screen: drafted on a phone, checked and approved with the password, posted once."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from finance.enums import RequestState
from finance.models import Disbursement, Voucher
from organizations.enums import DutyCode as D
from tests.browser.test_phone import DESKTOP, SMALL, assert_good
from tests.factories import PASSWORD, Town
from tests.finance.money import YUAN, make_budget, make_submitted, make_voucher


def put_seal(page: Page, button: str, password: str) -> None:
    page.get_by_label("您的登录密码").fill(password)
    page.get_by_role("button", name=button).click()


def open_first(page: Page, purpose: str) -> None:
    page.goto("/finance/")
    page.get_by_role("link", name=purpose).click()


@pytest.mark.parametrize("javascript", [False, True])
def test_request_goes_from_phone_to_voucher_under_two_seals(
    town: Town, browser_page: Any, sign_in: Any, javascript: bool
) -> None:
    make_budget(town.own.branch, "2000.00")
    agent, *desks = (browser_page(java_script_enabled=javascript), *(browser_page(viewport=DESKTOP) for _ in "abc"))
    head, leader, accountant = desks
    for page, duty in zip(desks, (D.FINANCE_HEAD, D.TOWN_SECRETARY, D.ACCOUNTANT), strict=True):
        sign_in(page, town.people[duty])
    sign_in(agent, town.people[D.VILLAGE_AGENT])

    agent.get_by_role("link", name="写拨付申请").click()
    agent.get_by_label("金额（元）").fill("250.10")
    agent.get_by_label("收款人").fill("池上文具店")
    agent.get_by_label("用途").fill("购办公用品")
    agent.get_by_role("button", name="先存草稿").click()
    expect(agent.get_by_text("已存为草稿")).to_be_visible()
    agent.get_by_role("button", name="提交", exact=True).dblclick()
    expect(agent.get_by_text("您是经办人，不能给自己的申请盖章").first).to_be_visible()
    expect(agent.get_by_role("button", name="盖章")).to_have_count(0)

    open_first(head, "购办公用品")
    put_seal(head, "复核盖章", "wrong")
    expect(head.get_by_role("alert")).to_contain_text("密码不对，没有盖章")
    put_seal(head, "复核盖章", PASSWORD)
    expect(head.get_by_text("✓ 复核：财政所所长甲")).to_be_visible()
    leader.goto("/")
    leader.get_by_role("link", name="待我盖章").click()
    leader.get_by_role("link", name="购办公用品").click()
    put_seal(leader, "批准盖章", PASSWORD)
    expect(leader.get_by_text("✓ 批准：镇党委书记甲")).to_be_visible()
    accountant.goto("/")
    accountant.get_by_role("link", name="待入账").click()
    accountant.get_by_role("link", name="购办公用品").click()
    accountant.get_by_role("button", name="入账", exact=True).dblclick()
    expect(accountant.get_by_role("link", name="记-")).to_be_visible()

    assert Disbursement.objects.get().state == RequestState.POSTED
    assert Voucher.objects.get().amount == YUAN("250.10")


@pytest.mark.parametrize("viewport", [SMALL, DESKTOP], ids=["320px", "1366px"])
def test_pages_are_large_enough_and_never_scroll_sideways(
    town: Town, browser_page: Any, sign_in: Any, viewport: dict[str, int]
) -> None:
    budget = make_budget(town.own.branch, "99999.00")
    voucher, waiting = make_voucher(town, budget), make_submitted(town, budget)
    addresses = {
        "home": "/finance/",
        "new": "/finance/requests/new/",
        "request": f"/finance/requests/{waiting.pk}/",
        "reverse": f"/finance/vouchers/{voucher.pk}/reverse/",
        "budget": f"/finance/budgets/{budget.pk}/",
    }
    for duty in (D.VILLAGE_AGENT, D.FINANCE_HEAD):
        page = browser_page(viewport=viewport)
        sign_in(page, town.people[duty])
        for name, address in addresses.items():
            page.goto(address)
            page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
            assert_good(page, name)
        for address in ("/finance/budgets/", "/finance/income/", f"/finance/vouchers/{voucher.pk}/"):
            page.goto(address)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
