"""Tables of trials for the tests of models: the reference studies, and small ones."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from listening.analysis.tables import checked

STUDIES = Path("tests/reference/mixed")
COLUMNS = {"snr": "snr_db", "y": "preferred", "first": "enhanced_first"}


def reference_table(name: str) -> pd.DataFrame:
    """Return a reference study as anybody's table; systems are called A, B, C."""
    table = pd.read_csv(STUDIES / f"{name}.csv").rename(columns=COLUMNS)
    table["system"] = table["system"].map(dict(enumerate("ABC")))
    if name == "x1":
        table = table.rename(columns={"preferred": "rating"})
    return checked(table)


def simulated_table(
    seed: int = 1,
    *,
    raters: int = 10,
    utterances: int = 12,
    systems: tuple[str, ...] = ("a", "b"),
    snrs: tuple[float, ...] = (-3, 3),
    shift: float = 0.5,
    **columns: Any,
) -> pd.DataFrame:
    """Every rater hears every utterance once, systems and SNRs in turn."""
    rng = np.random.default_rng(seed)
    rows = []
    for r, liking in enumerate(rng.normal(0, 0.8, raters)):
        for u in range(utterances):
            system, snr = systems[(r + u) % len(systems)], snrs[u % len(snrs)]
            latent = shift + liking - 0.1 * snr + 0.5 * systems.index(system)
            rows.append((f"r{r}", f"u{u}", system, snr, latent + rng.logistic() > 0))
    names = ["rater", "utterance", "system", "snr_db", "preferred"]
    table = pd.DataFrame(rows, columns=names)
    return checked(table.astype({"preferred": int}).assign(**columns))
