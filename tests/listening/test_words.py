"""What experimenters write for raters: Markdown that can do no harm."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listening.words import TAGS, html_of


def test_it_is_marked_up() -> None:
    html = html_of("# Your data\n\nWe keep *little*.\n\n- answers\n- times")
    assert "<h3>Your data</h3>" in html
    assert "<em>little</em>" in html
    assert html.count("<li>") == 2


def test_plain_text_keeps_its_paragraphs_and_lines() -> None:
    assert html_of("One\nTwo\n\nThree") == "<p>One<br>\nTwo</p>\n<p>Three</p>\n"


def test_a_link_leads_out_without_telling_from_where() -> None:
    html = html_of("[Ask](mailto:ada@example.org), [read](https://example.org/a?b=1)")
    assert 'href="mailto:ada@example.org"' in html
    assert html.count('rel="noopener noreferrer"') == 2


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:x)",
        "![x](https://evil.example/pixel.png)",
        '[x](https://e.org "a\\" onmouseover=\\"alert(1)")',
        "<a href='javascript:alert(1)'>x</a>",
        "<svg/onload=alert(1)>",
        "[x]: javascript:alert(1)\n\n[x]",
        "<https://e.org/<script>>",
    ],
)
def test_nothing_of_it_runs_or_loads(text: str) -> None:
    assert harmless(html_of(text))


@given(st.text(alphabet="<>[]()!\"'=/:# \n*-javscriptonldhf&;x`", max_size=80))
def test_whatever_is_typed(text: str) -> None:
    assert harmless(html_of(text))


def harmless(html: str) -> bool:
    """Whether all tags are ours, and none has more than a safe address."""
    tags = re.findall(r"<(/?)([a-zA-Z0-9]*)([^>]*)>", html)
    assert {name for _, name, _ in tags} <= TAGS
    for _, _, attributes in tags:
        assert re.fullmatch(
            r'(?: href="(?:https?:|mailto:|(?![a-zA-Z+.-]*:))[^"]*"| title="[^"]*"'
            r'| rel="noopener noreferrer"| start="\d+"| ?/)*',
            attributes,
        ), attributes
    return True
