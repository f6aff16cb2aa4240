"""A whole study as one file, and back: into this installation or another one.

The file is a ZIP. `manifest.json` says which format it is, what wrote it, and size and
SHA-256 of every other file; `<part>.jsonl` holds one row a line of each part of
`PARTS`; `sounds/<sha256>.wav` are the stimuli, if they were asked for.

What could tell who took part is not in it, nor is any secret that opens a page:
identities, invitations, and the codes and tokens of study, sessions and trials.
"""

from listening.archive.manifest import BadArchive
from listening.archive.restoring import restore
from listening.archive.writing import NothingToArchive, write

__all__ = ["BadArchive", "NothingToArchive", "restore", "write"]
