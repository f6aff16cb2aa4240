"""METHODS: the one table of test methods. A new method is one module and one row.

Choices of a study's form, the rater's answers, the export's columns and the analysis
are all read off the method.
"""

from importlib import import_module

from listening.methods.method import Choice, Kind, Method

__all__ = ["METHODS", "Choice", "Kind", "Method", "load", "method_choices", "words"]

# slug -> module whose METHOD it is
METHODS = {
    "ab": "listening.methods.ab",
    "ab-tie": "listening.methods.ab_tie",
    "ccr": "listening.methods.ccr",
    "abx": "listening.methods.abx",
    "acr": "listening.methods.acr",
    "p835": "listening.methods.p835",
    "mushra": "listening.methods.mushra",
}


def load(slug: str) -> Method:
    """Return the method called `slug`; KeyError if there is none."""
    method: Method = import_module(METHODS[slug]).METHOD
    return method


def method_choices() -> list[tuple[str, str]]:
    """Return (slug, label) of every method, for a form."""
    return [(slug, load(slug).label) for slug in METHODS]


def words() -> frozenset[str]:
    """Return the questions and introductions that methods propose."""
    methods = [load(slug) for slug in METHODS]
    return frozenset(text for m in methods for text in (m.question, m.introduction))
