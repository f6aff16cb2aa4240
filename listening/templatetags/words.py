from django import template
from django.utils.html import json_script
from django.utils.safestring import SafeString

from listening.script_words import SCRIPT_WORDS
from listening.words import html_of

register = template.Library()


@register.filter
def markdown(text: str) -> SafeString:
    """Return what an experimenter wrote as HTML that can do no harm."""
    return html_of(text)


@register.simple_tag
def script_words() -> SafeString:
    """Return what the page's scripts say, as data that they read."""
    return json_script(SCRIPT_WORDS, "script-words")
