"""The experimenter's way in a real browser: from sounds to the export."""

import zipfile

from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils.timezone import now
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from listening.models import Session, Study
from listening.simulation import simulate
from stimuli import bundled
from stimuli.importing import import_corpus
from stimuli.models import StimulusSet
from tests.scene import Scene, uncover

PASSWORD = "a long enough password"
EXPORT_MS = 60_000  # figures and all, on a busy machine
NEXT_MS = 30_000  # the page asks every few seconds who has come


def log_in(page: Page, site: str, user: str, password: str) -> None:
    page.goto(site)
    page.get_by_role("link", name="Log in").click()
    page.get_by_label("Username").fill(user)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Studies", exact=True)).to_be_visible()


def generate_stimuli(page: Page) -> None:
    """Make a stimulus set in the admin and have a worker render it."""
    page.get_by_role("link", name="Make the first one").click()
    page.get_by_role("link", name="Make a stimulus set").click()
    page.get_by_label("Title").fill("Kitchen")
    page.get_by_role("combobox", name="Corpus").select_option(label=bundled.SLUG)
    page.get_by_label("SNRs").fill("-3, 6")
    page.get_by_label("Utterances per snr").fill("3")
    page.get_by_label("Wiener").check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Generate").click()
    call_command("worker", batch=True, verbosity=0)
    expect(page.get_by_text("12 of 12 stimuli rendered")).to_be_visible()
    assert StimulusSet.objects.get().is_ready


def make_study(page: Page) -> None:
    page.get_by_role("link", name="View site").click()
    page.get_by_role("link", name="New study").click()
    page.get_by_label("Title").fill("Does Wiener help in the kitchen?")
    expect(page.get_by_label("wiener against unprocessed")).to_be_checked()
    page.get_by_label("Trials per session").fill("4")
    page.get_by_label("Training trials").fill("1")
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.get_by_role("link", name="Try and launch").click()


def test_from_sounds_to_the_export(quiet_page: Page, live_server: LiveServer) -> None:
    page = quiet_page
    import_corpus(slug=bundled.SLUG, path=bundled.PATH, layout="clean")
    User.objects.create_superuser("root", password=PASSWORD)
    log_in(page, live_server.url, "root", PASSWORD)
    generate_stimuli(page)
    make_study(page)
    study = Study.objects.get()
    look_at_the_preview(page)
    page.get_by_role("button", name="Freeze and open study").click()
    expect(page.get_by_text("The study is open")).to_be_visible()
    assert copied_link(page).endswith(f"/r/{study.code}/")
    study.refresh_from_db()
    simulate(study, raters=3, seed=1, at=now())
    came = page.get_by_text("and 3 simulated")
    expect(came).to_be_visible(timeout=NEXT_MS)  # without a reload
    uncover(study)
    assert any(name.endswith("trials.csv") for name in exported(page).namelist())


def look_at_the_preview(page: Page) -> None:
    study_page = page.url
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("button", name="I agree")).to_be_visible()
    assert Session.objects.get().stage == Session.Stage.PREVIEW
    page.goto(study_page)


def copied_link(page: Page) -> str:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied: str = page.evaluate("navigator.clipboard.readText()")
    return copied


def exported(page: Page) -> zipfile.ZipFile:
    with page.expect_download(timeout=EXPORT_MS) as download:
        page.get_by_role("link", name="Export").click(timeout=EXPORT_MS)
    return zipfile.ZipFile(download.value.path())


def test_a_draft_says_what_is_missing(
    quiet_page: Page, live_server: LiveServer, scene: Scene
) -> None:
    page = quiet_page
    log_in(page, live_server.url, "ada", "ada's password")
    page.get_by_role("link", name="New study").click()
    page.get_by_label("Title").fill("Not yet")
    for system in ("wiener", "log-mmse"):
        page.get_by_label(f"{system} against unprocessed").uncheck()
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_role("link", name="Try and launch").click()
    expect(page.get_by_text("There are no comparisons")).to_be_visible()
    expect(page.get_by_role("button", name="Freeze and open study")).to_be_disabled()
    expect(page.get_by_role("button", name="Preview")).to_be_disabled()


def test_closing_takes_two_steps(
    quiet_page: Page, live_server: LiveServer, scene: Scene
) -> None:
    page = quiet_page
    log_in(page, live_server.url, "ada", "ada's password")
    page.get_by_role("link", name="Does it help?", exact=True).click()
    close = page.get_by_role("button", name="Close study")
    expect(close).to_be_hidden()
    page.get_by_text("Close for good").click()
    close.click()
    expect(page.get_by_text("The study is closed.")).to_be_visible()
    assert Study.objects.get().state == Study.State.CLOSED
