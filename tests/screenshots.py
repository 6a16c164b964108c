"""``make screenshots``: the pictures of the README and the manual, taken from the demonstration township."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
DATA = ROOT / "var" / "screenshots"
PASSWORD = "chishang-2017"
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1366, "height": 768}


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
            path = shutil.which("chromium") or shutil.which("google-chrome")
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
            take_phone(browser, address, accounts["支部书记"])
            take_desktop(browser, address, accounts)
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


def open_page(browser: Browser, address: str, size: dict[str, int], username: str) -> Page:
    """Return a page on which ``username`` is signed in."""
    context = browser.new_context(
        base_url=address, viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai", reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto("/accounts/login/")
    page.get_by_label("登录名").fill(username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/login/" not in url)
    return page


def shoot(page: Page, name: str, **options: Any) -> None:
    """Save what the page shows."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)
    page.screenshot(path=IMAGES / f"{name}.png", **options)


def take_phone(browser: Browser, address: str, secretary: str) -> None:
    """A secretary records a visit."""
    context = browser.new_context(base_url=address, viewport=PHONE, locale="zh-CN")
    page = context.new_page()
    page.goto("/accounts/login/")
    shoot(page, "phone-login")
    page = open_page(browser, address, PHONE, secretary)
    page.goto("/visits/")
    shoot(page, "phone-home")
    page.get_by_role("link", name="记录走访").first.click()
    page.get_by_label("谈了什么").fill("问了今年的收成。说自来水这几天发黄。")
    page.locator("summary", has_text="问题 1").click()
    page.get_by_text("村民用水").first.click()
    page.get_by_label("问题描述").first.fill("自来水发黄，请来化验")
    shoot(page, "phone-record")
    page.get_by_role("button", name="上报", exact=True).last.click()
    shoot(page, "phone-receipt")
    page.goto("/visits/issues/?show=all")
    shoot(page, "phone-issues")


def take_desktop(browser: Browser, address: str, accounts: dict[str, str]) -> None:
    """The office handles issues and imports a ledger; the district reads the API."""
    page = open_page(browser, address, DESKTOP, accounts["党建办干事"])
    page.goto("/")
    shoot(page, "desk-home")
    page.goto("/admin/visits/issue/")
    shoot(page, "desk-issues")
    page.get_by_role("link", name="自来水发黄，请来化验").click()
    shoot(page, "desk-issue")
    page.locator(".chishang-moves a", has_text="受理").first.click()
    page.get_by_role("button", name="受理").click()
    page.locator(".chishang-moves a", has_text="交办").first.click()
    shoot(page, "desk-move")
    page.goto("/admin/ledgers/")
    page.set_input_files("[name=workbook]", ROOT / "tests" / "ledgers" / "bad" / "03走访台账.xlsx")
    page.get_by_role("button", name="检查").click()
    shoot(page, "desk-ledger")
    page.goto("/api/v1/docs/")
    shoot(page, "desk-api")
    page = open_page(browser, address, DESKTOP, accounts["系统管理员"])
    page.goto("/admin/organizations/apikey/add/")
    shoot(page, "desk-key")


if __name__ == "__main__":
    main()
