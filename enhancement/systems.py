"""SYSTEMS: the one table of systems. A new system is one module and one row.

Nothing is imported before a system is loaded, so that a page can list them all.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from enhancement.system import System


class UnknownSystemError(LookupError):
    """No system has this slug; says which there are."""


@dataclass(frozen=True)
class Row:
    label: str
    family: str
    path: str  # module:callable that takes slug and label and returns the system
    source: str


@dataclass(frozen=True)
class Facts:
    """What a table of systems says of one.

    `operations_per_frame` are 2 x multiply-accumulates, None if they are uncounted. Of
    a network that skips frames they are the average over the speech in noise on which
    it was last evaluated, None if these weights never were.
    """

    slug: str
    label: str
    family: str
    parameters: int  # weights that were learned
    bytes: int  # of the network's numbers, as stored
    operations_per_frame: int | None
    hop: int
    latency: int
    source: str


FEDOROV = "Fedorov et al. 2020; weights of our own"

SYSTEMS = {
    "unprocessed": Row(
        "Unprocessed", "reference", "enhancement.unprocessed:Unprocessed", "identity"
    ),
    "spectral-subtraction": Row(
        "Spectral subtraction",
        "classical",
        "enhancement.classical.spectral_subtraction:system",
        "Berouti et al. 1979; noise: Gerkmann & Hendriks 2011",
    ),
    "wiener": Row(
        "Wiener filter, decision-directed",
        "classical",
        "enhancement.classical.wiener:system",
        "Scalart & Vieira Filho 1996; noise: Gerkmann & Hendriks 2011",
    ),
    "log-mmse": Row(
        "Log-MMSE",
        "classical",
        "enhancement.classical.log_mmse:system",
        "Ephraim & Malah 1985; noise: Gerkmann & Hendriks 2011",
    ),
    "omlsa": Row(
        "OM-LSA with IMCRA",
        "classical",
        "enhancement.classical.omlsa:system",
        "Cohen & Berdugo 2001, Cohen 2002; noise: Cohen 2003",
    ),
    "tinylstm": Row(
        "TinyLSTM",
        "tinylstm",
        "enhancement.neural.tinylstm_system:system",
        FEDOROV,
    ),
    "tinylstm-pruned": Row(
        "TinyLSTM, pruned",
        "tinylstm",
        "enhancement.neural.tinylstm_system:system",
        FEDOROV,
    ),
    "tinylstm-int8-1": Row(
        "TinyLSTM, INT8 1: pruned, in integers",
        "tinylstm",
        "enhancement.compression.tinylstm_int8:system",
        FEDOROV,
    ),
    "tinylstm-int8-2": Row(
        "TinyLSTM, INT8 2: pruned further, in integers",
        "tinylstm",
        "enhancement.compression.tinylstm_int8:system",
        FEDOROV,
    ),
    "tinylstm-skip": Row(
        "TinyLSTM, skipping frames, in integers",
        "tinylstm",
        "enhancement.compression.tinylstm_skip:system",
        f"{FEDOROV}; skipping: Campos et al. 2018",
    ),
    "oracle-irm": Row(
        "Oracle: ideal ratio mask",
        "oracle",
        "enhancement.masks:oracle_irm",
        "Wang, Narayanan & Wang 2014",
    ),
    "oracle-ibm": Row(
        "Oracle: ideal binary mask",
        "oracle",
        "enhancement.masks:oracle_ibm",
        "Wang, Narayanan & Wang 2014",
    ),
    "oracle-cirm": Row(
        "Oracle: complex ideal ratio mask",
        "oracle",
        "enhancement.masks:oracle_cirm",
        "Williamson, Wang & Wang 2016",
    ),
    "clean": Row(
        "Clean speech",
        "anchor",
        "enhancement.anchors:Clean",
        "hidden reference of ITU-R BS.1534-3",
    ),
    "lowpass-3.5k": Row(
        "Low-pass at 3.5 kHz",
        "anchor",
        "enhancement.anchors:low_pass",
        "filter of the low anchor of ITU-R BS.1534-3",
    ),
    "anchor-3.5k": Row(
        "Clean speech up to 3.5 kHz",
        "anchor",
        "enhancement.anchors:low_anchor",
        "low anchor of ITU-R BS.1534-3",
    ),
    "anchor-7k": Row(
        "Clean speech up to 7 kHz",
        "anchor",
        "enhancement.anchors:mid_anchor",
        "mid anchor of ITU-R BS.1534-3",
    ),
}


def load(slug: str) -> System:
    """Return the system called `slug`; `UnknownSystemError` if there is none."""
    row = _row(slug)
    module, _, name = row.path.partition(":")
    make: Callable[..., System] = getattr(import_module(module), name)
    return make(slug=slug, label=row.label)


def describe(slug: str) -> Facts:
    """Return what a table of systems says of the system called `slug`."""
    row, system = _row(slug), load(slug)
    cost = system.footprint
    operations = None if cost is None else cost.average_operations
    return Facts(
        slug=slug,
        label=row.label,
        family=row.family,
        parameters=0 if cost is None else cost.parameters,
        bytes=0 if cost is None else cost.stored,
        operations_per_frame=None if operations is None else round(operations),
        hop=system.hop,
        latency=system.latency,
        source=row.source,
    )


def _row(slug: str) -> Row:
    try:
        return SYSTEMS[slug]
    except KeyError:
        known = ", ".join(SYSTEMS)
        raise UnknownSystemError(
            f"there is no system {slug!r}; known are: {known}"
        ) from None
