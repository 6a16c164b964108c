"""What the tests of the phone's side do on its pages, and read from its store."""

from typing import Any

from playwright.sync_api import Page, expect

from organizations.enums import DutyCode
from tests.factories import PASSWORD, Town

SECRETARY = DutyCode.BRANCH_SECRETARY

PICTURE = """([width, height]) => new Promise(resolve => {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const brush = canvas.getContext("2d");
  const dots = brush.createImageData(width, height);
  for (let at = 0; at < dots.data.length; at += 65536) crypto.getRandomValues(dots.data.subarray(at, at + 65536));
  for (let at = 3; at < dots.data.length; at += 4) dots.data[at] = 255;
  brush.putImageData(dots, 0, 0);
  resolve(canvas.toDataURL("image/png").split(",")[1]);
})"""
"""A picture of noise, which no encoder makes small, as base64."""


def stored(page: Page, store: str = "outbox") -> list[dict[str, Any]]:
    """What lies on the phone."""
    script = 'async store => (await import("/static/visits/store.js")).readAll(store)'
    return page.evaluate(script, store)


def states(page: Page) -> list[str]:
    """The states of the records, oldest first; one that is on its way counts as ready."""
    records = sorted(stored(page), key=lambda record: record["seq"])
    return [record["state"].replace("sending", "ready") for record in records]


def change(page: Page, **changed: Any) -> None:
    """Set fields of every record, as time or a fault would."""
    script = """async changed => {
      const { readAll, write } = await import("/static/visits/store.js");
      for (const record of await readAll("outbox")) await write("outbox", { ...record, ...changed });
    }"""
    page.evaluate(script, changed)


def set_meta(page: Page, name: str, value: Any) -> None:
    """Set what the phone remembers."""
    script = 'async ([name, value]) => (await import("/static/visits/store.js")).write("meta", value, name)'
    page.evaluate(script, [name, value])


def wait_until(page: Page, script: str, arg: Any = None) -> None:
    """Wait until an asynchronous function on the page gives something true."""
    for _ in range(100):
        if page.evaluate(script, arg):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never true: {script}")


def send_now(page: Page) -> None:
    """Let the sender go one round to its end, as the button does."""
    page.evaluate('async () => (await import("/static/visits/sender.js")).flush({ pressed: true })')


def open_form(page: Page, town: Town) -> None:
    """Open the form of the own household, ready to be typed into."""
    page.goto(f"/visits/households/{town.own_household.pk}/record/")
    expect(page.locator("form[data-ready]")).to_be_visible()


def submit(page: Page) -> None:
    """Press the button of the form."""
    page.get_by_role("button", name="上报", exact=True).last.click()


def store_visit(page: Page, town: Town, content: str = "问了收成") -> None:
    """Record a visit, up to the screen that says where it is."""
    open_form(page, town)
    page.get_by_label("谈了什么").fill(content)
    submit(page)
    expect(page.locator(".receipt h1")).to_be_visible()


def expect_heading(page: Page, text: str) -> None:
    """Wait for the screen's word."""
    expect(page.get_by_role("heading", name=text, exact=True, level=1)).to_be_visible()


def wait_for_worker(page: Page) -> None:
    """Wait until the worker keeps the pages and answers for this one."""
    page.evaluate(
        """async () => {
          await navigator.serviceWorker.ready;
          if (!navigator.serviceWorker.controller) {
            await new Promise(done => navigator.serviceWorker.addEventListener("controllerchange", done));
          }
        }"""
    )


def sign_in_by_page(page: Page, user: Any) -> None:
    """Sign in as people do."""
    page.goto("/accounts/login/")
    page.get_by_label("登录名").fill(user.username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda address: "/accounts/login/" not in address)
