"""The corpus that comes with Earshot: its folder, its slug, and the program for it.

The folder is of layout `clean` and is imported like any other corpus. `make` remakes
it; the site needs nothing of that.
"""

from pathlib import Path

PATH = Path(__file__).parent / "audio"
SLUG = "earshot-livingroom"
