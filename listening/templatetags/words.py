from django import template
from django.utils.safestring import SafeString

from listening.words import html_of

register = template.Library()


@register.filter
def markdown(text: str) -> SafeString:
    """Return what an experimenter wrote as HTML that can do no harm."""
    return html_of(text)
