"""``make screenshots``: the pictures of the README and the manual, taken from the demonstration township.

It goes the way of one issue: a secretary records it on the phone, the office handles it, the secretary tells the
household.
"""

import base64
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.chromium import launch_options

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
DATA = ROOT / "var" / "screenshots"
PASSWORD = "chishang-2017"
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1366, "height": 768}
PROBLEM = "自来水发黄，请来化验"


def main() -> None:
    """Start the portal on a fresh demonstration township, walk through it, and stop it."""
    shutil.rmtree(DATA, ignore_errors=True)
    DATA.mkdir(parents=True)
    IMAGES.mkdir(parents=True, exist_ok=True)
    address = f"http://127.0.0.1:{free_port()}"
    command = [sys.executable, "manage.py", "serve", "--demo", "--port", address.rpartition(":")[2]]
    environment = os.environ | {"CHISHANG_DATA": str(DATA)}
    with (DATA / "serve.log").open("w") as log:
        portal = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        wait_for(f"{address}/accounts/login/")
        accounts = read_accounts(DATA / "serve.log")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(**launch_options())
            secretary = take_recording(browser, address, accounts["支部书记"])
            take_handling(browser, address, accounts["党建办干事"])
            take_feedback(secretary)
            take_branch(secretary)
            take_mountain(browser, address, accounts["支部书记"], accounts["党建办干事"])
            take_members(browser, address, accounts["党建办干事"])
            take_money(browser, address, accounts["村报账员"], accounts["镇党委书记"])
            take_discipline(browser, address, accounts["纪委书记"])
            take_report(browser, address, accounts["党建办干事"], accounts["镇党委书记"])
            take_administration(browser, address, accounts["系统管理员"], accounts["支部书记"])
            compose(browser)
            browser.close()
    finally:
        portal.send_signal(signal.SIGINT)
        portal.wait(30)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(address: str) -> None:
    """Wait until the portal answers."""
    for _ in range(240):
        try:
            urllib.request.urlopen(address)
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.5)
        else:
            return
    raise SystemExit("the portal did not start")


def read_accounts(log: Path) -> dict[str, str]:
    """Return duty → sign-in name, as ``serve --demo`` prints them."""
    lines = [line.split() for line in log.read_text().splitlines() if line.startswith("  1")]
    return {words[1]: words[0] for words in lines if len(words) == 3}


def new_page(browser: Browser, address: str, size: dict[str, int]) -> Page:
    """Return a page on the portal, with nobody signed in."""
    context = browser.new_context(
        base_url=address, viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai", reduced_motion="reduce"
    )
    return context.new_page()


def sign_in(page: Page, username: str) -> Page:
    """Sign in."""
    page.goto("/accounts/login/")
    page.get_by_label("登录名").fill(username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/login/" not in url)
    return page


def shoot(page: Page, name: str, **options: Any) -> None:
    """Save what the page shows."""
    page.wait_for_load_state("networkidle")
    page.evaluate("document.activeElement.blur()")
    page.wait_for_timeout(300)
    page.screenshot(path=IMAGES / f"{name}.png", **options)


def scroll_to(page: Page, text: str) -> None:
    """Bring a heading near the top."""
    page.get_by_role("heading", name=text).evaluate("one => scrollBy(0, one.getBoundingClientRect().top - 16)")


def take_recording(browser: Browser, address: str, secretary: str) -> Page:
    """A secretary signs in and records a visit with an issue."""
    page = new_page(browser, address, PHONE)
    page.goto("/accounts/login/")
    shoot(page, "phone-login")
    sign_in(page, secretary)
    page.goto("/visits/")
    shoot(page, "phone-home")
    page.get_by_role("link", name="记录走访").first.click()
    page.get_by_label("谈了什么").fill("问了今年的收成，核桃卖得不错。说自来水这几天发黄。")
    shoot(page, "phone-record")
    page.locator("summary", has_text="问题 1").click()
    page.get_by_text("村民用水").first.click()
    page.get_by_label("问题描述").first.fill(PROBLEM)
    page.get_by_label("紧急").first.check()
    scroll_to(page, "群众反映的问题")
    shoot(page, "phone-problem")
    page.get_by_role("button", name="上报", exact=True).last.click()
    page.get_by_role("heading", name="已上报").wait_for()
    shoot(page, "phone-receipt")
    return page


def take_handling(browser: Browser, address: str, clerk: str) -> None:
    """The office accepts, assigns and resolves the issue, looks at its history, and checks a ledger with faults."""
    page = sign_in(new_page(browser, address, DESKTOP), clerk)
    page.goto("/")
    shoot(page, "desk-home")
    page.goto("/admin/visits/issue/")
    shoot(page, "desk-issues")
    page.get_by_role("link", name=PROBLEM).click()
    move(page, "受理")
    page.locator(".chishang-moves a", has_text="交办").first.click()
    page.wait_for_url("**/move/assign/")
    page.get_by_label("承办单位").select_option(label="镇自来水站")
    shoot(page, "desk-move")
    page.get_by_role("button", name="交办").click()
    move(page, "开始办理")
    move(page, "记录进展", "已取水样送检")
    page.goto(page.url)  # without the message of the last move
    shoot(page, "desk-issue")
    page.get_by_role("link", name="历史").first.click()
    page.wait_for_url("**/history/")
    shoot(page, "desk-history")
    page.go_back()
    move(page, "办结", "水站清洗了管道，化验合格")
    page.goto("/admin/ledgers/")
    page.set_input_files("[name=workbook]", ROOT / "tests" / "ledgers" / "bad" / "03走访台账.xlsx")
    page.get_by_role("button", name="检查").click()
    page.get_by_role("button", name="导入").wait_for()
    shoot(page, "desk-ledger")
    page.goto("/api/v1/docs/")
    page.wait_for_selector(".opblock")
    shoot(page, "desk-api")


def move(page: Page, label: str, note: str = "") -> None:
    """Make one move of the issue that the page shows."""
    page.locator(".chishang-moves a", has_text=label).first.click()
    if note:
        page.get_by_label("说明").fill(note)
    page.get_by_role("button", name=label).click()
    page.wait_for_url("**/change/")


def take_feedback(page: Page) -> None:
    """The secretary finds the resolved issue and sees what became of it."""
    page.goto("/visits/issues/?show=todo")
    shoot(page, "phone-issues")
    page.get_by_role("link", name=PROBLEM).click()
    page.get_by_text("满意", exact=True).first.click()
    shoot(page, "phone-feedback")
    scroll_to(page, "办理过程")
    shoot(page, "phone-course")


def take_branch(page: Page) -> None:
    """The secretary's members, a meeting about to be recorded, and documents to sign."""
    page.goto("/members/")
    shoot(page, "phone-members")
    page.get_by_role("link", name="苏文亮").click()
    shoot(page, "phone-member")
    page.goto("/members/meetings/")
    shoot(page, "phone-meetings")
    page.goto("/members/meetings/record/")
    page.locator("#id_kind").get_by_text("主题党日").click()
    page.get_by_label("主题", exact=True).fill("走访慰问困难党员")
    scroll_to(page, "谁到了")
    page.locator(".person", has_text="白磊").get_by_text("请假").click()
    shoot(page, "phone-meeting-record")
    page.goto("/directives/")
    shoot(page, "phone-directives")


def take_mountain(browser: Browser, address: str, secretary: str, clerk: str) -> None:
    """A visit recorded without network on a phone whose clock is fast, its list, and what the office sees of it."""
    page = sign_in(new_page(browser, address, PHONE), secretary)
    page.goto("/visits/")
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_load_state("networkidle")
    page.clock.set_fixed_time(datetime.now(UTC) + timedelta(days=3))
    page.context.set_offline(True)
    page.goto("/visits/")
    shoot(page, "phone-home-offline")
    page.get_by_role("link", name="记录走访").nth(1).click()
    page.get_by_label("谈了什么").fill("问了过冬的煤和药，都备下了。")
    page.get_by_role("button", name="上报", exact=True).last.click()
    page.get_by_role("heading", name="已存手机").wait_for()
    shoot(page, "phone-stored")
    page.goto("/visits/outbox/")
    page.locator("[data-record]").wait_for()
    shoot(page, "phone-outbox")
    page.context.set_offline(False)
    page.get_by_role("button", name="立即上报").click()
    page.get_by_text("镇里已经收到，等镇党建办处理").wait_for()
    page = sign_in(new_page(browser, address, DESKTOP), clerk)
    page.goto("/admin/visits/operation/")
    page.locator("#result_list tbody a").first.click()
    page.wait_for_url("**/change/**")
    shoot(page, "desk-held")
    page.goto("/admin/visits/device/")
    shoot(page, "desk-phones")


def take_members(browser: Browser, address: str, clerk: str) -> None:
    """The office's registers: members, one of them, the reconciliation, dues of a branch, an applicant's file."""
    page = sign_in(new_page(browser, address, DESKTOP), clerk)
    page.goto("/admin/members/member/")
    shoot(page, "desk-members")
    page.goto("/admin/members/member/?q=swl")
    page.get_by_role("link", name="苏文亮").click()
    shoot(page, "desk-member")
    page.goto("/report/members/?since=2016-12-31&until=2017-12-31")
    shoot(page, "desk-reconciliation", full_page=True)
    page.goto("/admin/members/duespayment/sheet/")
    page.get_by_role("link", name="牛栏峪村党支部").click()
    shoot(page, "desk-dues")
    page.goto("/admin/members/developmentfile/")
    page.get_by_role("link", name="苏小河").click()
    shoot(page, "desk-development")


def take_money(browser: Browser, address: str, agent: str, leader: str) -> None:
    """A village agent's money and a request, the leader's page of it, the budgets, and what villagers see."""
    page = sign_in(new_page(browser, address, PHONE), agent)
    page.goto("/finance/")
    shoot(page, "phone-money-home")
    page.goto("/finance/requests/new/")
    shoot(page, "phone-money-request")
    page = sign_in(new_page(browser, address, DESKTOP), leader)
    page.goto("/finance/?show=seal")
    page.locator("main ul.list a[href*='/finance/requests/']").last.click()
    page.wait_for_url("**/finance/requests/*/")
    scroll_to(page, "两枚印鉴")
    shoot(page, "desk-money-request")
    page.goto("/finance/budgets/?year=2017")
    shoot(page, "desk-money-budgets")
    page = new_page(browser, address, DESKTOP)
    page.goto("/disclosure/")
    page.locator("main a[href*='/disclosure/']").first.click()
    page.locator("main a[href*='/2017/']").first.click()
    page.wait_for_url("**/2017/**")
    shoot(page, "desk-disclosure")


def take_discipline(browser: Browser, address: str, head: str) -> None:
    """The discipline office: what is due, a case after its purpose, the lessons of the year."""
    page = sign_in(new_page(browser, address, DESKTOP), head)
    page.goto("/admin/discipline/deadlines/")
    shoot(page, "desk-deadlines")
    page.goto("/admin/discipline/case/")
    page.locator("#result_list tbody a").first.click()
    page.get_by_label("查阅目的").fill("准备审查情况汇报")
    shoot(page, "desk-purpose")
    page.get_by_role("button", name="查阅").click()
    page.get_by_text("查阅记录").first.wait_for()
    shoot(page, "desk-case")
    page.goto("/admin/discipline/integrityevent/")
    shoot(page, "desk-education")


def take_report(browser: Browser, address: str, clerk: str, secretary: str) -> None:
    """The report of the year on the page; drawn up by the clerk, signed by the secretary."""
    page = sign_in(new_page(browser, address, DESKTOP), clerk)
    page.goto("/report/?as_of=2017-12-31")
    shoot(page, "desk-report")
    page.goto("/report/issued/")
    page.get_by_text("制一份报告").click()
    page.get_by_label("截至日").fill("2017-12-31")
    page.get_by_role("button", name="制表").click()
    page.wait_for_url("**/report/issued/*/")
    path = page.url.removeprefix(address)
    page = sign_in(new_page(browser, address, DESKTOP), secretary)
    page.goto(path)
    shoot(page, "desk-issued")


def take_administration(browser: Browser, address: str, administrator: str, secretary: str) -> None:
    """The administrator's pages: an account with its appointments, a new key."""
    page = sign_in(new_page(browser, address, DESKTOP), administrator)
    page.goto(f"/admin/organizations/user/?q={secretary}")
    page.locator("#result_list tbody a").first.click()
    page.wait_for_url("**/change/**")
    shoot(page, "desk-account")
    page.goto("/admin/organizations/apikey/add/")
    page.get_by_label("用途").fill("区委组织部每日取数")
    shoot(page, "desk-key")


def compose(browser: Browser) -> None:
    """Lay the phone's form over the office's page: the picture of the portal."""

    def image(name: str) -> str:
        return f"data:image/png;base64,{base64.b64encode((IMAGES / f'{name}.png').read_bytes()).decode()}"

    page = browser.new_context(viewport={"width": 1200, "height": 660}).new_page()
    page.set_content(
        f"""<style>
        body {{ margin: 0; height: 660px; background: #f3ece7; position: relative }}
        img {{ position: absolute; box-shadow: 0 4px 18px #0003; outline: 1px solid #0002 }}
        </style>
        <img src="{image("desk-issue")}" style="left: 24px; top: 24px; width: 1000px; border-radius: 8px">
        <img src="{image("phone-problem")}" style="right: 24px; top: 60px; width: 264px; border-radius: 18px">"""
    )
    page.screenshot(path=IMAGES / "portal.png")


if __name__ == "__main__":
    main()
