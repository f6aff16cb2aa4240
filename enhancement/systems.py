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
    parameters: int = 0  # weights that were learned
    bytes: int = 0  # of these, as stored
    operations_per_frame: int | None = None  # 2 x multiply-accumulates; None: uncounted


@dataclass(frozen=True)
class Facts:
    slug: str
    label: str
    family: str
    parameters: int
    bytes: int
    operations_per_frame: int | None
    hop: int
    latency: int
    source: str


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
        "low anchor of ITU-R BS.1534-3",
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
    return Facts(
        slug=slug,
        label=row.label,
        family=row.family,
        parameters=row.parameters,
        bytes=row.bytes,
        operations_per_frame=row.operations_per_frame,
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
