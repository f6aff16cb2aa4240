"""What experimenters write for raters: Markdown, made into HTML that can do no harm."""

from __future__ import annotations

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

# Marked-up text as it is read: no pictures, since a picture would tell another site who
# reads, no tables, no raw HTML (it is shown as it was typed).
PARSER = MarkdownIt("zero", {"html": False, "breaks": True}).enable(
    ["heading", "list", "emphasis", "link", "newline", "escape", "hr", "blockquote"]
)
TAGS = {
    "p", "br", "hr", "em", "strong", "a", "ul", "ol", "li", "blockquote",
    "h3", "h4", "h5", "h6",
}  # fmt: skip
ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}


def html_of(text: str) -> SafeString:
    """Return `text`, Markdown, as HTML of `TAGS`.

    The parser makes no other, and what it made is cleaned once more by an allow-list.
    Headings begin at the third level: the page has its own.
    """
    tokens = PARSER.parse(text)
    for token in tokens:
        if token.tag in LOWERED:
            token.tag = LOWERED[token.tag]
    html = PARSER.renderer.render(tokens, PARSER.options, {})
    clean = nh3.clean(
        html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=LINK_REL
    )
    return mark_safe(clean)


LOWERED = {f"h{level}": f"h{min(level + 2, 6)}" for level in range(1, 7)}
LINK_REL = "noopener noreferrer"
