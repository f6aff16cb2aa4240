"""How folders of recordings are laid out. A new layout is one module and one row.

Slug -> (what it is, dotted path of a function of the folder that returns `Contents`).
The functions read names and tables only; what is in the sounds is looked at by
`stimuli.importing`.
"""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from stimuli.layouts.contents import Contents

LAYOUTS = {
    "clean": (
        "speech/<speaker>/, with noise/<kind>/, rooms/ and utterances.csv if there are",
        "stimuli.layouts.clean.read",
    ),
    "pairs": (
        "clean/ and noisy/ with files of equal names, pairs.csv if there is one",
        "stimuli.layouts.pairs.read",
    ),
}


def reader(slug: str) -> Callable[[Path], Contents]:
    """Return the function that reads a folder of the layout `slug`."""
    module, name = LAYOUTS[slug][1].rsplit(".", 1)
    read: Callable[[Path], Contents] = getattr(import_module(module), name)
    return read
