"""Nothing that reaches a rater's browser tells which member is which."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils.timezone import now

from listening.enrolment import enrol
from listening.models import Session, Study, Trial
from stimuli.models import Stimulus
from tests.raters import finish, key_for, start
from tests.scene import SYSTEMS, Scene

KEY = re.compile(r'name="key" value="[^"]+"')
# Codes, tokens and keys: by chance one may hold any short word
RANDOM = re.compile(r"[\w-]{22,}")
CSRF = re.compile(r'(csrfmiddlewaretoken" value="|x-csrftoken": ")[^"]+"')


@pytest.fixture
def session(scene: Scene) -> Session:
    session = enrol(study=scene.study, stage=Session.Stage.LIVE, seed=1, at=now())
    return start(session, at=now())


@pytest.fixture
def trial(session: Session) -> Trial:
    return session.trials.all()[0]


def sound(client: Client, token: str) -> tuple[dict[str, str], bytes]:
    response = client.get(f"/audio/{token}/")
    assert response.status_code == 200
    return dict(response.items()), response.content


def test_both_members_are_alike_in_all_but_their_samples(
    client: Client, trial: Trial
) -> None:
    headers_a, a = sound(client, trial.token_a)
    headers_b, b = sound(client, trial.token_b)
    assert headers_a == headers_b
    assert (len(a), a[:44]) == (len(b), b[:44])
    assert a[44:] != b[44:]


def test_the_headers_tell_nothing_at_all(client: Client, trial: Trial) -> None:
    headers, content = sound(client, trial.token_a)
    assert headers["Content-Type"] == "audio/wav"
    assert headers["Cache-Control"] == "private, no-store"
    assert headers["Content-Length"] == str(len(content))
    for name in (
        "ETag",
        "Last-Modified",
        "Content-Disposition",
        "Accept-Ranges",
        "Vary",
        "Set-Cookie",
    ):
        assert name not in headers


def test_validators_and_ranges_are_ignored_for_both(
    client: Client, trial: Trial
) -> None:
    asked = {
        "Range": "bytes=0-9",
        "If-None-Match": "*",
        "If-Modified-Since": "Sat, 01 Jan 2050 00:00:00 GMT",
    }
    for token in (trial.token_a, trial.token_b):
        response = client.get(f"/audio/{token}/", headers=asked)
        assert response.status_code == 200
        assert len(response.content) > 50_000


def test_the_members_are_the_systems_of_the_comparison(
    client: Client, session: Session
) -> None:
    for trial in session.trials.all()[:2]:
        pair = [trial.comparison.system, trial.comparison.reference]
        if not trial.enhanced_first:
            pair.reverse()
        for token, system in zip((trial.token_a, trial.token_b), pair, strict=True):
            stimulus = Stimulus.objects.get(mixture=trial.mixture, system=system)
            assert sound(client, token)[1] == stimulus.path.read_bytes()


def page_without_tokens(client: Client, session: Session) -> str:
    page = client.get(f"/session/{session.code}/trial/").content.decode()
    for number, trial in enumerate(session.trials.all()):
        page = page.replace(trial.token_a, f"a{number}").replace(
            trial.token_b, f"b{number}"
        )
    return CSRF.sub("", KEY.sub("", page))


def test_the_page_is_the_same_whichever_member_is_enhanced(
    client: Client, session: Session
) -> None:
    pages = set()
    for enhanced_first in (True, False):
        session.trials.update(enhanced_first=enhanced_first)
        pages.add(page_without_tokens(client, session))
    assert len(pages) == 1


def test_the_page_is_the_same_for_every_comparison_and_mixture(
    client: Client, session: Session
) -> None:
    first = page_without_tokens(client, session)
    other = session.trials.last()
    assert other is not None
    session.trials.update(comparison=other.comparison, mixture=other.mixture)
    assert page_without_tokens(client, session) == first


def test_nothing_on_the_way_names_a_system_a_file_or_an_snr(
    client: Client, session: Session
) -> None:
    addresses = [f"/session/{session.code}/{p}/" for p in ("trial", "consent")]
    addresses += [f"/r/{session.study.code}/"]
    told = ""
    for address in addresses:
        response = client.get(address, follow=True)
        told += response.content.decode() + str(response.headers)
    for trial in session.trials.all()[:2]:
        told += str(sound(Client(), trial.token_a)[0])
    files = Stimulus.objects.values_list("file", flat=True)
    hashes = Stimulus.objects.values_list("sha256", flat=True)
    for secret in [*files, *hashes]:
        assert secret not in told
    words = RANDOM.sub("", told).lower()
    for secret in [*SYSTEMS, "enhanced", "snr", "stimuli/", ".wav"]:
        assert secret not in words


def test_the_scripts_know_nothing_of_systems() -> None:
    folder = Path(settings.BASE_DIR) / "listening/static/listening"
    scripts = sorted(folder.glob("*.js"))
    assert len(scripts) > 5
    for path in scripts:
        script = path.read_text().lower()
        assert not [word for word in (*SYSTEMS, "enhanced", "snr") if word in script]


def test_tokens_are_fresh_for_each_trial_and_member(scene: Scene) -> None:
    for _ in range(3):
        enrol(study=scene.study, stage=Session.Stage.PREVIEW, seed=7, at=now())
    pairs = Trial.objects.values_list("token_a", "token_b")
    assert len({token for pair in pairs for token in pair}) == 2 * Trial.objects.count()


def test_only_the_current_pair_and_the_next_can_be_heard(
    client: Client, session: Session
) -> None:
    statuses = [
        client.get(f"/audio/{token}/").status_code
        for trial in session.trials.all()
        for token in (trial.token_a, trial.token_b)
    ]
    assert statuses == [200] * 4 + [410] * 6


def test_a_pair_that_was_answered_is_heard_no_more(
    client: Client, trial: Trial, session: Session
) -> None:
    answer = {"position": 1, "key": str(key_for(trial)), "value": "1"}
    client.get(f"/session/{session.code}/trial/")
    client.post(f"/session/{session.code}/trial/", answer)
    response = client.get(f"/audio/{trial.token_a}/")
    assert response.status_code == 410
    assert b"not on your screen" in response.content


def test_before_consent_and_after_the_end_nothing_is_heard(
    client: Client, scene: Scene, session: Session
) -> None:
    early = enrol(study=scene.study, stage=Session.Stage.LIVE, seed=2, at=now())
    finish(session, at=now())
    for one in (early, session):
        token = one.trials.all()[0].token_a
        assert client.get(f"/audio/{token}/").status_code == 410


def test_a_closed_study_is_silent(client: Client, trial: Trial) -> None:
    Study.objects.update(state=Study.State.CLOSED)
    assert client.get(f"/audio/{trial.token_a}/").status_code == 410


def test_a_token_that_was_made_up_opens_nothing(client: Client, scene: Scene) -> None:
    assert client.get("/audio/AAAAAAAAAAAAAAAAAAAAAA/").status_code == 404


def test_other_verbs_are_refused(client: Client, trial: Trial) -> None:
    assert client.post(f"/audio/{trial.token_a}/").status_code == 405
