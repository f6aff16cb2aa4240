"""The list of sessions, a session's sheet, and leaving it out there."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client

from listening import telemetry
from listening.answering import answer, show
from listening.enrolment import enrol
from listening.models import Exclusion, Session, Study
from listening.sheet import sheet_of
from listening.views import board
from tests.raters import finish, key_for, start
from tests.scene import Scene, make_checked_study, make_study, uncover

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
URL = "/studies/study/sessions/"
REASON = {"reason": "A <script>child</script> answered."}


@pytest.fixture
def session(scene: Scene) -> Session:
    return finish(enrol(study=scene.study, stage="live", seed=1, at=NOON), at=NOON)


def url_of(session: Session, verb: str = "") -> str:
    return f"{URL}{session.pk}/{verb}"


# ---- the list -----------------------------------------------------------------------


def test_the_list_has_every_session_but_looks(
    ada: Client, scene: Scene, session: Session
) -> None:
    look = enrol(study=scene.study, stage="preview", seed=2, at=NOON)
    page = ada.get(URL).content.decode()
    assert url_of(session) in page
    assert "5 of 5" in page
    assert url_of(look) not in page


def test_who_completed_last_comes_first_and_who_did_not_last(
    ada: Client, scene: Scene, session: Session
) -> None:
    under_way = enrol(study=scene.study, stage="live", seed=2, at=NOON)
    later = enrol(study=scene.study, stage="live", seed=3, at=NOON)
    finish(later, at=NOON + timedelta(hours=1))
    for query, order in {
        "": [later, session, under_way],
        "?by=began": [later, under_way, session],
        "?by=state": [later, session, under_way],
        "?by=nonsense": [later, session, under_way],
    }.items():
        page = ada.get(URL + query).content.decode()
        places = [page.index(url_of(one)) for one in order]
        assert places == sorted(places), query


def test_the_list_has_pages(
    ada: Client, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board, "A_PAGE", 2)
    for seed in range(3):
        enrol(study=scene.study, stage="live", seed=seed, at=NOON)
    first, second = (ada.get(f"{URL}?page={n}").content.decode() for n in (1, 2))
    assert (first.count("/sessions/"), second.count("/sessions/")) == (2, 1)
    assert "page=2" in first
    assert "page 2 of 2" in ada.get(f"{URL}?page=999").content.decode()


# ---- the sheet ----------------------------------------------------------------------


def test_the_timeline_is_in_order_with_what_the_browser_told(scene: Scene) -> None:
    session = start(enrol(study=scene.study, stage="live", seed=1, at=NOON), at=NOON)
    trial = session.trials.unanswered()[0]
    show(trial, at=NOON + timedelta(seconds=70))
    told = '[{"n": 1, "trial": 1, "kind": "blur", "at_s": 5.0}]'
    telemetry.record(session, page=uuid4(), batch=told, at=NOON)
    answer(trial, key=key_for(trial), value=1, at=NOON + timedelta(seconds=80))
    found = [(m.clock, m.what) for m in sheet_of(session).moments]
    assert found[-3:] == [
        ("1:10", "Pair 1 was shown"),
        ("1:15", "Pair 1: the page lost the focus"),
        ("1:20", "Pair 1 was answered"),
    ]
    assert found[0] == ("0:00", "Pressed Start")
    assert sheet_of(finish_later(session)).moments[-1].what == "Ended: complete"
    assert sheet_of(session).asked[0].events == "the page lost the focus (1)"


def finish_later(session: Session) -> Session:
    later = NOON + timedelta(minutes=5)
    for trial in session.trials.unanswered():
        show(trial, at=later)
        answer(trial, key=key_for(trial), value=1, at=later)
    session.refresh_from_db()
    return session


def test_sides_are_counted_over_real_trials(scene: Scene) -> None:
    study = make_checked_study(scene)
    session = finish(enrol(study=study, stage="live", seed=1, at=NOON), at=NOON)
    sheet = sheet_of(session)
    assert (sheet.first, sheet.second) == (5, 0)  # four and a repeat
    assert sheet.known is not None
    assert sheet.known.gold is not None
    assert (sheet.known.gold.failed, sheet.known.gold.trials) == (1, 2)


def test_it_shows_sides_and_no_system_while_the_outcome_is_hidden(
    ada: Client, scene: Scene, session: Session
) -> None:
    page = ada.get(url_of(session)).content.decode()
    assert "hidden, as the outcome is" in page
    assert "wiener" not in page
    assert "unprocessed" not in page
    uncover(scene.study)
    assert "unprocessed" in ada.get(url_of(session)).content.decode()


def test_it_is_the_same_whichever_system_was_chosen(ada: Client, scene: Scene) -> None:
    """Turning every trial round turns the outcome and changes nothing on the sheet."""
    pages = []
    for turned in (False, True):
        study = make_study(scene.ada, scene.stimulus_set, slug=f"turned-{turned:d}")
        session = enrol(study=study, stage="live", seed=1, at=NOON)
        if turned:
            for trial in session.trials.all():
                trial.enhanced_first = not trial.enhanced_first
                trial.save()
        finish(session, at=NOON)
        page = ada.get(f"/studies/{study.slug}/sessions/{session.pk}/")
        main = page.content.decode().partition("<main")[2]
        for own in (study.slug, f"Session {session.pk}", session.rater.code):
            main = main.replace(own, "")
        pages.append(main[: main.index("<form")])
    assert pages[0] == pages[1]


def test_leaving_out_and_taking_back(ada: Client, session: Session) -> None:
    page = ada.post(url_of(session, "leave-out/"), REASON, follow=True).content.decode()
    assert "Left out by hand" in page
    assert "A &lt;script&gt;child&lt;/script&gt; answered." in page
    assert "left out" in ada.get(URL).content.decode()
    page = ada.post(url_of(session, "take-back/"), REASON, follow=True).content.decode()
    assert "This session counts again." in page
    assert "Left out by hand" not in page
    assert "Taken back on" in page
    log = Exclusion.objects.get()
    assert (log.by, log.undone_by) == ("ada", "ada")


@pytest.mark.parametrize("verb", ["leave-out/", "take-back/"])
def test_not_without_a_reason(ada: Client, session: Session, verb: str) -> None:
    response = ada.post(url_of(session, verb), {"reason": " "})
    assert response.status_code == 422
    assert "Without a reason this is not done." in response.content.decode()
    assert not Exclusion.objects.exists()


@pytest.mark.parametrize("verb", ["leave-out/", "take-back/"])
def test_only_by_the_owner_and_by_post(
    client: Client, scene: Scene, session: Session, verb: str
) -> None:
    url = url_of(session, verb)
    assert client.post(url, REASON)["Location"].startswith("/accounts/login/")
    client.force_login(scene.eve)
    assert client.post(url, REASON).status_code == 404
    client.force_login(scene.ada)
    assert client.get(url).status_code == 405
    assert not Exclusion.objects.exists()


def test_sheets_are_for_the_owner_of_the_study_that_they_belong_to(
    client: Client, scene: Scene, session: Session
) -> None:
    for url in (URL, url_of(session)):
        assert client.get(url).status_code == 302
    client.force_login(scene.eve)
    for url in (URL, url_of(session)):
        assert client.get(url).status_code == 404
    other = make_study(scene.eve, scene.stimulus_set, slug="eves")
    assert client.get(f"/studies/{other.slug}/sessions/").status_code == 200
    foreign = client.get(f"/studies/{other.slug}/sessions/{session.pk}/")
    assert foreign.status_code == 404


def test_a_study_without_sessions_says_so(ada: Client, scene: Scene) -> None:
    assert "No sessions yet" in ada.get(URL).content.decode()
    assert Study.objects.count() == 1
