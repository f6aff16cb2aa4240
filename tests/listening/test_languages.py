"""Raters are spoken to in the study's language, else in their browser's."""

from __future__ import annotations

import json

import pytest
from django.core import mail
from django.test import Client
from django.utils.timezone import now

from listening.enrolment import enrol
from listening.invitations import invite, send_waiting
from listening.models import Session, Study
from tests.scene import Scene

GREETING = {
    "en-gb": "You will hear short recordings",
    "de": "Sie hören kurze Aufnahmen",
    "fr": "Vous allez entendre de courts enregistrements",
    "es": "Va a oír grabaciones breves",
}


def page(client: Client, address: str, browser: str = "") -> str:
    headers = {"Accept-Language": browser}
    return client.get(address, headers=headers, follow=True).content.decode()


def begun(study: Study) -> Session:
    return enrol(study=study, stage=Session.Stage.LIVE, seed=1, at=now())


@pytest.mark.parametrize("language", GREETING)
def test_the_browser_s_language(client: Client, scene: Scene, language: str) -> None:
    text = page(client, f"/r/{scene.study.code}/", browser=f"{language},xx;q=0.3")
    assert f'<html lang="{language}" dir="ltr">' in text
    assert GREETING[language] in text


@pytest.mark.parametrize("browser", ["", "en-US,en;q=0.5", "is"])
def test_english_for_everybody_else(client: Client, scene: Scene, browser: str) -> None:
    text = page(client, f"/r/{scene.study.code}/", browser=browser)
    assert GREETING["en-gb"] in text
    assert ">Start</button>" in text


@pytest.mark.parametrize("step", ["", "kept/"])
def test_the_study_s_language_comes_first(
    client: Client, scene: Scene, step: str
) -> None:
    Study.objects.update(language="fr")
    text = page(client, f"/r/{scene.study.code}/{step}", browser="de")
    assert '<html lang="fr" dir="ltr">' in text


def test_it_holds_for_the_whole_session(client: Client, scene: Scene) -> None:
    Study.objects.update(language="de")
    link = f"/session/{begun(scene.study).code}/"
    assert ">Ich stimme zu</button>" in page(client, link, browser="fr")
    client.post(f"{link}consent/", {"decision": "agree", "version": 1})
    assert "Stellen Sie die Lautstärke ein" in page(client, link)
    client.post(f"{link}sound-check/")
    trial = page(client, link)
    assert "Welche der beiden Aufnahmen würden Sie lieber hören?" in trial
    words = trial.split('id="script-words" type="application/json">')[1]
    assert json.loads(words.split("</script>")[0])["saved"] == "Gespeichert"


def test_what_somebody_wrote_stays_as_it_is(client: Client, scene: Scene) -> None:
    Study.objects.update(language="de", introduction="Saved")
    text = page(client, f"/r/{scene.study.code}/")
    assert "<p>Saved</p>" in text


def test_consent_is_kept_in_the_language_in_which_it_was_read(
    client: Client, scene: Scene
) -> None:
    for language in ("es", "de"):
        session = begun(scene.study)
        client.post(
            f"/session/{session.code}/consent/",
            {"decision": "agree", "version": 1},
            headers={"Accept-Language": language},
        )
        session.refresh_from_db()
        assert session.language == language
    german, spanish = scene.study.consent_texts.all()
    assert (german.language, spanish.language) == ("de", "es")
    assert german.text.startswith("Wir speichern Ihre Antworten")
    assert spanish.text.startswith("Guardamos sus respuestas")


def test_error_pages_speak_to_the_browser(client: Client, db: None) -> None:
    assert "Hier ist nichts" in page(client, "/r/made-up/", browser="de")
    assert "Hier ist nichts" in page(client, "/made-up/", browser="de")


def test_experimenters_read_english(client: Client, scene: Scene) -> None:
    client.force_login(scene.ada)
    text = page(client, "/studies/", browser="de")
    assert '<html lang="en-gb" dir="ltr">' in text
    assert "Log out" in text


def test_one_answer_does_not_change_the_language_of_the_next(
    client: Client, scene: Scene
) -> None:
    Study.objects.update(language="fr")
    page(client, f"/r/{scene.study.code}/")
    assert "Does it sound better?" in page(client, "/")


def test_the_page_tells_caches_on_what_it_depends(client: Client, db: None) -> None:
    reply = client.get("/", headers={"Accept-Language": "es"})
    assert reply["Content-Language"] == "es"
    assert "Accept-Language" in reply["Vary"]


def test_invitations_come_in_the_study_s_language(scene: Scene) -> None:
    Study.objects.update(language="es")
    scene.study.refresh_from_db()
    invite(scene.study, ["rosa@example.org"], at=now())
    assert send_waiting(scene.study, site="https://listen.example", at=now()) == 1
    assert mail.outbox[0].subject == "Invitación: Does it help?"
    assert "Va a oír grabaciones breves" in mail.outbox[0].body


def test_right_to_left(client: Client, scene: Scene) -> None:
    Study.objects.update(language="ar")
    text = page(client, f"/r/{scene.study.code}/")
    assert '<html lang="ar" dir="rtl">' in text
