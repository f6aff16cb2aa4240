"""Connections that break, browsers that close, servers that die: no answer is lost, and
none is kept twice."""

from collections.abc import Callable
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import BrowserContext, Page, Request, Route, expect
from pytest_django.live_server_helper import LiveServer

from listening.models import Response, Session
from tests.browser.test_session import answer, begin, expect_completion
from tests.scene import Scene

OFFLINE = "Offline, kept on this device"
STORED = """
() => new Promise((resolve) => {
  const request = indexedDB.open("earshot", 1);
  request.onsuccess = () => {
    const all = request.result.transaction("outbox").objectStore("outbox").getAll();
    all.onsuccess = () => resolve(all.result);
  };
})
"""


@pytest.fixture
def link(live_server: LiveServer, scene: Scene) -> str:
    return f"{live_server.url}/r/{scene.study.code}/"


def values() -> list[int | None]:
    return list(
        Response.objects.order_by("trial__position").values_list("value", flat=True)
    )


def expect_place(page: Page, words: str) -> None:
    expect(page.get_by_text(words)).to_be_visible()
    expect(page.get_by_role("button", name="Play A")).to_be_enabled()


def test_offline_for_three_answers(
    page: Page, context: BrowserContext, link: str
) -> None:
    """The first comes back by itself, the second after a reload, the third after the
    browser's window was closed. While an answer waits the rater stays at its pair."""
    begin(page, link)
    address = page.url
    expect(page.get_by_role("button", name="Play A")).to_be_enabled()

    answer_offline(page, "B")
    expect(page.get_by_role("button", name="Next")).to_be_disabled()
    context.set_offline(False)
    expect_place(page, "1 of 4")
    assert values() == [1]

    answer_offline(page, "A")
    (kept,) = page.evaluate(STORED)
    assert (kept["position"], kept["value"]) == ("2", "-1")
    page.on("dialog", lambda dialog: dialog.accept())  # leave, though one waits
    with pytest.raises(Exception, match="ERR_INTERNET_DISCONNECTED"):
        page.reload()
    context.set_offline(False)
    page.goto(address)
    expect_place(page, "2 of 4")
    assert values() == [1, -1]

    answer_offline(page, "B")
    page.close(run_before_unload=False)
    assert values() == [1, -1]
    context.set_offline(False)
    again = context.new_page()
    again.goto(link)
    expect_place(again, "3 of 4")
    assert values() == [1, -1, 1]
    heard = Response.objects.get(trial__position=3)
    assert heard.listened_a_s
    assert heard.listened_b_s
    assert again.evaluate(STORED) == []


def answer_offline(page: Page, label: str) -> None:
    page.context.set_offline(True)
    answer(page, label)
    expect(page.locator("#chip")).to_have_text(OFFLINE)


@pytest.mark.parametrize(
    "lose",
    [
        lambda route: route.abort("connectionreset"),
        lambda route: route.fulfill(status=502, body="bad gateway"),
    ],
    ids=["killed", "behind a proxy"],
)
def test_a_server_that_dies_between_commit_and_reply(
    page: Page, link: str, lose: Callable[[Route], None]
) -> None:
    """The answer is in the database and the browser does not know: it asks again."""
    begin(page, link)
    expect_place(page, "1 of 1")  # a page that is still coming is not intercepted
    keys = []

    def die_once(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        keys.append(parse_qs(route.request.post_data or "")["key"])
        if len(keys) > 1:
            route.continue_()
            return
        assert route.fetch().status == 200
        assert values() == [1]
        lose(route)

    page.route("**/trial/", die_once)
    answer(page, "B")
    expect_place(page, "1 of 4")
    assert len(keys) == 2
    assert keys[0] == keys[1]
    assert values() == [1]
    expect(page.locator("#chip")).to_have_text("Saved")


def test_two_tabs_one_of_them_offline(
    page: Page, context: BrowserContext, link: str
) -> None:
    """The tab that was offline finds its pair answered, and goes on with the next."""
    begin(page, link)
    expect_place(page, "1 of 1")
    other = context.new_page()
    other.goto(page.url)
    expect_place(other, "1 of 1")
    page.bring_to_front()
    page.route("**/trial/", lambda route: route.abort())
    answer(page, "B")
    expect(page.locator("#chip")).to_have_text(OFFLINE)
    other.bring_to_front()
    answer(other, "A")
    expect_place(other, "1 of 4")
    page.bring_to_front()
    page.unroute("**/trial/")
    expect_place(page, "1 of 4")
    assert values() == [-1]


def test_a_request_that_is_replayed_changes_nothing(
    page: Page, context: BrowserContext, link: str
) -> None:
    begin(page, link)
    expect_place(page, "1 of 1")
    posts: list[Request] = []
    page.on("request", lambda r: posts.append(r) if "/trial/" in r.url else None)
    answer(page, "B")
    expect_place(page, "1 of 4")
    first = next(request for request in posts if request.method == "POST")
    before = Response.objects.values().get()
    for _ in range(3):
        replayed = context.request.post(
            first.url,
            data=first.post_data or "",
            headers=first.all_headers() | {"origin": link.split("/r/")[0]},
        )
        assert replayed.status == 200
    assert Response.objects.values().get() == before


def test_the_last_answer_is_not_lost_either(
    page: Page, context: BrowserContext, link: str
) -> None:
    begin(page, link)
    for place in ("1 of 4", "2 of 4", "3 of 4", "4 of 4"):
        answer(page, "A")
        expect_place(page, place)
    context.set_offline(True)
    answer(page, "B")
    expect(page.locator("#chip")).to_have_text(OFFLINE)
    assert not Session.objects.get().completion_code
    context.set_offline(False)
    expect_completion(page)
    assert values() == [-1, -1, -1, -1, 1]


@pytest.mark.parametrize(
    "storage",
    ["null", "{ open: () => ({}) }", "{ open() { throw new Error('forbidden'); } }"],
    ids=["missing", "silent", "forbidden"],
)
def test_without_storage_the_page_keeps_trying(
    page: Page, context: BrowserContext, link: str, storage: str
) -> None:
    define = "Object.defineProperty(window, 'indexedDB', { value: STORAGE })"
    page.add_init_script(define.replace("STORAGE", storage))
    begin(page, link)
    expect_place(page, "1 of 1")
    context.set_offline(True)
    answer(page, "B")
    expect(page.locator("#chip")).to_have_text(OFFLINE)
    context.set_offline(False)
    expect_place(page, "1 of 4")
    assert values() == [1]
