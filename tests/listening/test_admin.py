"""/admin/listening/: a look at everything, and no history rewritten."""

import re
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Permission, User
from django.db.models import Case, F, Q, When
from django.test import Client

from listening.enrolment import enrol
from listening.models import Response, Session, Study, Trial
from tests.raters import finish
from tests.scene import Scene, make_study, uncover

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def session(scene: Scene) -> Session:
    return finish(enrol(study=scene.study, stage="live", seed=1, at=NOON), at=NOON)


@pytest.fixture
def over(session: Session) -> None:
    """Let the outcome be seen, as after the stop rule."""
    Study.objects.update(state=Study.State.CLOSED)


@pytest.mark.usefixtures("over")
@pytest.mark.parametrize("model", ["study", "session", "trial"])
def test_lists_and_pages_open(
    admin_client: Client, session: Session, model: str
) -> None:
    rows = {
        "study": session.study,
        "session": session,
        "trial": session.trials.earliest("pk"),
    }
    assert admin_client.get(f"/admin/listening/{model}/").status_code == 200
    page = admin_client.get(f"/admin/listening/{model}/{rows[model].pk}/change/")
    assert page.status_code == 200


@pytest.mark.usefixtures("over")
def test_tokens_of_sounds_are_not_shown(admin_client: Client, session: Session) -> None:
    trial = session.trials.earliest("pk")
    for url in (f"session/{session.pk}", f"trial/{trial.pk}"):
        page = admin_client.get(f"/admin/listening/{url}/change/").content.decode()
        assert trial.token_a not in page


@pytest.mark.usefixtures("over")
@pytest.mark.parametrize("model", ["session", "trial"])
def test_history_cannot_be_changed(
    admin_client: Client, session: Session, model: str
) -> None:
    pk = session.pk if model == "session" else session.trials.earliest("pk").pk
    for verb in ("change", "delete"):
        url = f"/admin/listening/{model}/{pk}/{verb}/"
        assert admin_client.post(url, {"post": "yes"}).status_code == 403
    assert admin_client.get(f"/admin/listening/{model}/add/").status_code == 403


def test_a_study_can_change_hands_only(
    admin_client: Client, scene: Scene, session: Session
) -> None:
    admin_client.post(
        f"/admin/listening/study/{scene.study.pk}/change/",
        {"owner": scene.eve.pk, "method": "ccr", "state": "closed"}
        | {"comparisons-TOTAL_FORMS": 0, "comparisons-INITIAL_FORMS": 0},
    )
    study = Study.objects.get()
    assert (study.owner, study.method, study.state) == (scene.eve, "ab", "live")


# ---- while the outcome is hidden ----------------------------------------------------

# What differs between two looks, whatever was answered
CHANCE = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"')


def looks(client: Client, session: Session) -> dict[str, tuple[int, str, str]]:
    """Return what a client sees of trials and answers, by address."""
    trial = session.trials.earliest("pk")
    names = ["enhanced_first=1", "response__value=-1", "comparison__system=wiener"]
    lists = ["", "?all=1", "?o=1.-2", "?q=1", *(f"?{name}" for name in names)]
    of_others = "trials__response__value=-1"
    addresses = [
        *(f"trial/{part}" for part in lists),
        *(f"trial/{trial.pk}/{verb}/" for verb in ("change", "history", "delete")),
        *("session/", f"session/?{of_others}", f"study/?sessions__{of_others}"),
        *(f"session/{session.pk}/{verb}/" for verb in ("change", "history")),
        f"study/{session.study_id}/change/",
    ]
    seen = {}
    for address in addresses:
        reply = client.get(f"/admin/listening/{address}")
        body = CHANCE.sub("", reply.content.decode()) if reply.status_code < 400 else ""
        seen[address] = (reply.status_code, reply.get("Location", ""), body)
    return seen


def turn_everything() -> None:
    """Turn every answer and every side: whatever was told would be told otherwise."""
    Response.objects.update(value=-F("value"))
    first = Case(When(Q(enhanced_first=True), then=False), default=True)
    Trial.objects.update(enhanced_first=first)


def staff_who_may_look(client: Client) -> Client:
    user = User.objects.create_user("sam", password="sam's password", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(user)
    return client


def test_it_tells_nothing_of_answers_and_sides(
    client: Client, admin_client: Client, session: Session
) -> None:
    for one in (admin_client, staff_who_may_look(client)):
        before = looks(one, session)
        turn_everything()
        assert looks(one, session) == before
    assert "whose outcome is hidden" in before["trial/"][2]


def test_all_is_there_once_the_outcome_may_be_seen(
    admin_client: Client, session: Session
) -> None:
    uncover(session.study)
    before = looks(admin_client, session)
    turn_everything()
    after = looks(admin_client, session)
    trial = session.trials.earliest("pk")
    for address in (f"trial/{trial.pk}/change/", f"session/{session.pk}/change/"):
        assert after[address] != before[address]
    assert "whose outcome is hidden" not in before["trial/"][2]


def test_trials_of_other_studies_are_shown_all_the_while(
    admin_client: Client, scene: Scene, session: Session
) -> None:
    other = make_study(scene.ada, scene.stimulus_set, slug="other")
    rated = finish(enrol(study=other, stage="live", seed=1, at=NOON), at=NOON)
    uncover(other)
    listed = admin_client.get("/admin/listening/trial/").context["cl"].queryset
    assert set(listed.values_list("session", flat=True)) == {rated.pk}
