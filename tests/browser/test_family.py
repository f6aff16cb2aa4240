"""The TinyLSTM family in a real browser: what a rater hears, what the admin sees."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from listening.models import Comparison, Response, Study
from stimuli import generation
from stimuli.models import Stimulus, StimulusSet
from tests.browser.test_experimenter import PASSWORD, log_in
from tests.browser.test_session import answer, begin, expect_completion
from tests.scene import make_study
from tests.stimuli.material import make_set

SYSTEMS = ["unprocessed", "tinylstm", "tinylstm-int8-2", "tinylstm-skip"]
ASKED = {
    ("tinylstm", "unprocessed"),
    ("tinylstm-int8-2", "unprocessed"),
    ("tinylstm-int8-2", "tinylstm"),
}


@pytest.fixture
def rendered(live_server: LiveServer) -> StimulusSet:
    """Sounds that the networks really made."""
    made = make_set(systems=SYSTEMS, snrs_db=[0, 6], utterances_per_snr=3)
    generation.prepare(made)
    generation.render_waiting(made)
    return made


@pytest.fixture
def study(rendered: StimulusSet) -> Study:
    """A study like the demo's, of a trial or two for each comparison."""
    ada = User.objects.create_superuser("ada", password=PASSWORD)
    study = make_study(ada, rendered, trials_per_session=6, training_trials=0)
    study.comparisons.all().delete()
    Comparison.objects.bulk_create(
        Comparison(study=study, system=system, reference=reference)
        for system, reference in sorted(ASKED)
    )
    return study


def test_a_rater_hears_the_family_and_compares_two_of_it_directly(
    quiet_page: Page, live_server: LiveServer, study: Study
) -> None:
    begin(quiet_page, f"{live_server.url}/r/{study.code}/")
    for position in range(1, 7):
        expect(quiet_page.get_by_text(f"{position} of 6")).to_be_visible()
        assert "tinylstm" not in quiet_page.content()
        answer(quiet_page, "B")
    session = expect_completion(quiet_page)
    asked = list(
        session.trials.values_list("comparison__system", "comparison__reference")
    )
    assert {pair: asked.count(pair) for pair in ASKED} == dict.fromkeys(ASKED, 2)
    assert Response.objects.count() == 6


def test_the_admin_sees_which_frames_were_skipped(
    quiet_page: Page, live_server: LiveServer, study: Study
) -> None:
    stimulus = Stimulus.objects.filter(system="tinylstm-skip")[0]
    pattern = stimulus.skip_pattern
    assert pattern is not None
    log_in(quiet_page, live_server.url, "ada", PASSWORD)
    page = reverse("admin:stimuli_stimulus_change", args=[stimulus.pk])
    quiet_page.goto(f"{live_server.url}{page}")
    drawing = quiet_page.get_by_role(
        "img", name="in which the network of tinylstm-skip"
    )
    expect(drawing).to_be_visible()
    told = f"ran in {pattern.ran} of {pattern.frames} frames"
    expect(quiet_page.get_by_text(told)).to_be_visible()
    quiet_page.get_by_text("Second by second").click()
    first = pattern.seconds[0]
    counted = quiet_page.get_by_role("cell", name=f"{first.ran} of {first.frames}")
    expect(counted.first).to_be_visible()
