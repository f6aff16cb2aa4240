"""What kind of browser a rater has, and on what kind of system: no more than that.

Browsers tell a long text about themselves with every request, by which people can be
told apart, and most of them name several others in it. The first row of a table whose
word is in it counts; versions and devices are not read.
"""

from __future__ import annotations

# Those that name others in their text come before these
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("FxiOS", "Firefox"),
    ("Firefox", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
PLATFORMS = (
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iOS"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
OTHER = "other"


def browser_of(user_agent: str) -> str:
    """Return the kind of browser; "" if it says nothing."""
    return _first(BROWSERS, user_agent)


def platform_of(user_agent: str) -> str:
    """Return the kind of system; "" if the browser says nothing."""
    return _first(PLATFORMS, user_agent)


def _first(table: tuple[tuple[str, str], ...], text: str) -> str:
    found = (name for word, name in table if word in text)
    return next(found, OTHER) if text else ""
