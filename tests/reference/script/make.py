"""Run the script of an export on reference studies, and keep what it finds.

    python -m tests.reference.script.make        (about three minutes)

Needs `Rscript` with lme4 and ordinal. Writes `<variant>.csv` and `origin.json` here.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from tests.listening.reproduced import Variant

HERE = Path(__file__).parent
VERSIONS = """
packages <- c("lme4", "ordinal")
cat(R.version.string, sapply(packages, function(p) paste(p, packageVersion(p))),
    sep = "\\n")
"""


def reproduced(variant: Variant) -> str:
    """Return `refitted.csv` of the variant's trials."""
    from listening.export import REPRODUCE
    from tests.listening.reproduced import trials_of

    with tempfile.TemporaryDirectory() as folder:
        trials_of(variant).to_csv(Path(folder, "trials.csv"), index=False)
        declared = '{"rater:snr_c": 1}' if variant.slopes else "{}"
        Path(folder, "analysis.json").write_text(declared)
        shutil.copy(REPRODUCE, folder)
        command = ["Rscript", REPRODUCE.name]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        return Path(folder, "refitted.csv").read_text()


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "listening.config.settings"
    django.setup()
    from tests.listening.reproduced import VARIANTS

    for name, variant in VARIANTS.items():
        (HERE / f"{name}.csv").write_text(reproduced(variant))
    command = ["Rscript", "-e", VERSIONS]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    origin = {
        "made_by": "listening/export/reproduce.R, run by make.py",
        "with": found.stdout.splitlines(),
        "trials": {name: variant.source for name, variant in VARIANTS.items()},
    }
    (HERE / "origin.json").write_text(json.dumps(origin, indent=1) + "\n")


if __name__ == "__main__":
    main()
