"""The catalogues: every text that a rater reads is in each, and compiled as it stands.

When a text changes: `manage.py makemessages --all --ignore .venv --no-wrap
--no-location` (GNU gettext), then `pybabel compile -D django -d listening/locale`.
"""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.template import Engine
from django.utils.translation.template import templatize

from listening.enrolment import Refusal
from listening.methods import METHODS, load
from listening.methods.sounds import Sounds
from listening.models.study import DEFAULT_TEXTS
from listening.privacy import IDENTITIES, KEPT, NOT_KEPT

LOCALE = Path(settings.LOCALE_PATHS[0])
LANGUAGES = ("en", "de", "fr", "es")
KEYWORDS: dict[str, tuple[int, ...] | None] = dict.fromkeys(
    ("_", "gettext", "gettext_lazy", "gettext_noop")
)
KEYWORDS["ngettext"] = (1, 2)
FIELD = re.compile(r"%\(\w+\)s|<[^>]+>")


def catalogue(language: str) -> Catalog:
    with (LOCALE / language / "LC_MESSAGES/django.po").open("rb") as file:
        return read_po(file, locale=language)


def messages(language: str) -> list[Message]:
    return [message for message in catalogue(language) if message.id]


def texts() -> set[str]:
    """Return the texts of templates and modules that are to be translated."""
    found = set()
    for directory in (settings.BASE_DIR / "templates", settings.BASE_DIR / "listening"):
        for path in directory.rglob("*"):
            source = path.read_text() if path.suffix in (".py", ".html", ".txt") else ""
            if path.suffix in (".html", ".txt"):
                flat = templatize(source, origin=str(path)).splitlines()
                source = "\n".join(line.strip() for line in flat)
            found |= texts_of(source)
    return found


def texts_of(source: str) -> set[str]:
    """Return what is handed to gettext in Python, the first form of what is counted."""
    file = io.BytesIO(source.encode())
    extracted = extract_python(file, KEYWORDS, [], {"encoding": "utf-8"})
    first = (one(text) for _, _, text, _ in extracted if text)
    return {text for text in first if text}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated_and_nothing_else(language: str) -> None:
    known = {one(message.id) for message in messages(language)}
    assert known == texts()


def one(text: str | tuple[str, ...] | list[str]) -> str:
    return text if isinstance(text, str) else text[0]


def forms(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


def test_what_stands_in_tables_is_to_be_translated() -> None:
    """Templates translate it by a variable, so no template shows it to gettext."""
    told = {kept.words for kept in KEPT + IDENTITIES} | set(NOT_KEPT) | DEFAULT_TEXTS
    told |= {refusal.value for refusal in Refusal}
    for slug in METHODS:
        told |= {choice.label for choice in load(slug).choices}
        told |= words_of(load(slug).sounds)
        for scale in load(slug).scales:
            told |= {scale.question, *(choice.label for choice in scale.choices)}
    told -= {""}
    assert told - {one(message.id) for message in messages("en")} == set()


def words_of(sounds: Sounds) -> set[str]:
    named = {text for s in sounds.members for text in (s.play, s.playing, s.heard)}
    return named | {sounds.hint, sounds.early, sounds.go_on}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_missing_or_doubtful(language: str) -> None:
    for message in messages(language):
        translated = forms(message.string)
        assert translated, message.id
        assert all(translated), message.id
        assert not message.fuzzy, message.id
        wanted = sorted(FIELD.findall(one(message.id)))
        assert all(sorted(FIELD.findall(form)) == wanted for form in translated)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_that_of_the_texts(language: str) -> None:
    with (LOCALE / language / "LC_MESSAGES/django.mo").open("rb") as file:
        compiled = {forms(m.id): forms(m.string) for m in read_mo(file) if m.id}
    assert compiled == {forms(m.id): forms(m.string) for m in messages(language)}


def test_english_says_what_the_source_says() -> None:
    assert all(message.string == message.id for message in messages("en"))


def test_a_text_that_is_new_would_be_found() -> None:
    assert texts_of('words = _("Never said")') == {"Never said"}
    template = "{% load i18n %}<p>{% translate 'Never said' %}</p>"
    assert Engine.get_default().from_string(template)
    assert texts_of(templatize(template)) == {"Never said"}
