"""A study as a draft and as a file, by the buttons of its page."""

from pathlib import Path

from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from listening.models import Study
from tests.browser.test_accessibility import violations
from tests.browser.test_experimenter import log_in
from tests.scene import Scene


def test_a_study_once_more(
    page: Page, live_server: LiveServer, scene: Scene, tmp_path: Path
) -> None:
    scene.ada.is_staff = True
    scene.ada.save()
    log_in(page, live_server.url, "ada", "ada's password")
    page.get_by_role("link", name="Does it help?", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Archive", exact=True).click()
    download.value.save_as(tmp_path / "study.zip")
    page.get_by_role("button", name="Duplicate").click()
    expect(page.get_by_role("heading", name="Copy of Does it help?")).to_be_visible()
    page.get_by_role("link", name="Studies", exact=True).first.click()
    page.get_by_role("link", name="Restore an archive").click()
    assert violations(page) == []
    page.get_by_label("Archive").set_input_files(tmp_path / "study.zip")
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("There is a study study here")).to_be_visible()
    page.get_by_label("Archive").set_input_files(tmp_path / "study.zip")
    page.get_by_label("Name in addresses").fill("again")
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("The study is restored.")).to_be_visible()
    assert set(Study.objects.values_list("slug", flat=True)) == {
        "study",
        "study-copy",
        "again",
    }
