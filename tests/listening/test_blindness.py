"""Nothing that reaches a rater's browser tells which member is which."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils.timezone import now

from listening.answering import answer, show
from listening.enrolment import enrol
from listening.models import Session, Study, Trial
from stimuli.models import Stimulus
from tests.raters import finish, key_for, start
from tests.scene import ANCHORS, SYSTEMS, Scene, make_checked_study

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
    headers_b, b = sound(client, trial.tokens["b"])
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
    for token in trial.tokens.values():
        response = client.get(f"/audio/{token}/", headers=asked)
        assert response.status_code == 200
        assert len(response.content) > 50_000


def test_the_members_are_the_systems_of_the_comparison(
    client: Client, session: Session
) -> None:
    for trial in session.trials.all()[:2]:
        pair = list(trial.pair)
        if not trial.enhanced_first:
            pair.reverse()
        for token, system in zip(trial.tokens.values(), pair, strict=True):
            stimulus = Stimulus.objects.get(mixture=trial.mixture, system=system)
            assert sound(client, token)[1] == stimulus.path.read_bytes()


def page_without_tokens(client: Client, session: Session) -> str:
    page = client.get(f"/session/{session.code}/trial/").content.decode()
    for number, trial in enumerate(session.trials.all()):
        page = page.replace(trial.token_a, f"a{number}").replace(
            trial.tokens["b"], f"b{number}"
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
        for token in trial.tokens.values()
    ]
    assert statuses == [200] * 4 + [410] * 6


def test_a_pair_that_was_answered_is_heard_no_more(
    client: Client, trial: Trial, session: Session
) -> None:
    posted = {"position": 1, "key": str(key_for(trial)), "value": "1"}
    client.get(f"/session/{session.code}/trial/")
    client.post(f"/session/{session.code}/trial/", posted)
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


# ---- kinds of trials ----------------------------------------------------------------

KINDS = ("test", "repeat", "placebo", "gold")


@pytest.fixture
def checked(scene: Scene) -> Session:
    """A session with trials of every kind, the first trial behind it."""
    study = make_checked_study(scene, training_trials=0)
    session = enrol(study=study, stage=Session.Stage.LIVE, seed=1, at=now())
    return start(session, at=now())


def walk(client: Client, session: Session) -> dict[str, list[tuple[str, str, str]]]:
    """Go through a session; return each trial's page, and its sounds, by kind.

    What may differ is taken out: numbers of progress, tokens, samples.
    """
    found: dict[str, list[tuple[str, str, str]]] = {}
    address = f"/session/{session.code}/trial/"
    for trial in session.trials.all():
        page = client.get(address)
        heads = [sound(client, token)[0] for token in trial.tokens.values()]
        sizes = [len(sound(client, token)[1]) for token in trial.tokens.values()]
        told = page_without_tokens(client, session)
        told = re.sub(r"\d+", "#", re.sub(r' data-next-[ab]="[^"]*"', "", told))
        head = CSRF.sub("", str(sorted(page.headers.items())))
        head = re.sub(r"nonce-[^']+|\d+", "#", head)
        assert heads[0] == heads[1]
        assert sizes[0] == sizes[1]
        told = told.replace("# minutes left", "# minute left")
        row = (re.sub(r"\s+", " ", told), head, str(heads[0]))
        found.setdefault(trial.kind, []).append(row)
        posted = {"position": trial.position, "key": str(key_for(trial)), "value": "1"}
        reply = client.post(address, posted, headers={"HX-Request": "true"})
        assert reply.status_code == 200
    return found


def test_every_kind_of_trial_looks_the_same_all_the_way(
    client: Client, checked: Session
) -> None:
    found = walk(client, checked)
    assert set(found) == set(KINDS)
    assert len({row for rows in found.values() for row in rows}) == 1


def test_the_numbers_of_progress_count_all_kinds_alike(
    client: Client, checked: Session
) -> None:
    total = checked.trials.count()
    for position, trial in enumerate(checked.trials.all(), start=1):
        page = client.get(f"/session/{checked.code}/trial/").content.decode()
        assert f"<strong>{position}</strong> of {total}" in page
        posted = {"position": trial.position, "key": str(key_for(trial)), "value": "1"}
        client.post(f"/session/{checked.code}/trial/", posted)


def test_no_page_names_a_kind_or_an_anchor(client: Client, checked: Session) -> None:
    told = client.get(f"/session/{checked.code}/trial/").content.decode()
    told += client.get(f"/r/{checked.study.code}/", follow=True).content.decode()
    words = RANDOM.sub("", told).lower()
    for secret in ("gold", "placebo", "repeat", "training", *ANCHORS):
        assert secret not in words


def test_a_placebo_is_one_sound_under_two_tokens(
    client: Client, checked: Session
) -> None:
    placebo = put_first(checked, "placebo")
    assert placebo.token_a != placebo.token_b
    (head_a, a), (head_b, b) = (
        sound(client, token) for token in placebo.tokens.values()
    )
    assert a == b
    assert head_a == head_b
    assert placebo.members[0] == placebo.members[1]


def test_gold_is_clean_against_degraded_and_turns_with_its_side(
    client: Client, checked: Session
) -> None:
    gold = put_first(checked, "gold")
    files = [
        Stimulus.objects.get(mixture=gold.mixture, system=system).path.read_bytes()
        for system in ANCHORS
    ]
    for first in (True, False):
        Trial.objects.filter(pk=gold.pk).update(enhanced_first=first)
        heard = [sound(client, token)[1] for token in gold.tokens.values()]
        assert heard == (files if first else files[::-1])


def test_a_repeat_has_fresh_tokens_and_its_members_swapped(checked: Session) -> None:
    again = checked.trials.get(kind="repeat")
    assert again.repeats is not None
    first = checked.trials.get(position=again.repeats)
    assert again.members == first.members[::-1]
    tokens = {t for one in (first, again) for t in one.tokens.values()}
    assert len(tokens) == 4


def put_first(session: Session, kind: str) -> Trial:
    """Answer all that comes before the first trial of `kind`, and return that."""
    trial = session.trials.filter(kind=kind)[0]
    for before in session.trials.filter(position__lt=trial.position):
        show(before, at=now())
        answer(before, key=key_for(before), value=1, at=now())
    return trial
