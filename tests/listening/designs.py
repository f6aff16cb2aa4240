"""Studies to draw schedules of, and what is looked for in the schedules."""

from typing import Any

from hypothesis import strategies as st

from listening.designs import Candidate, Drawn, Kind


def candidates(
    snrs: int, each: int, *, shared: int = 1, talkers: int = 4
) -> list[Candidate]:
    """Return mixtures at `snrs` SNRs; `shared` of them in a row say one sentence."""
    return [
        Candidate(n, 3.0 * (n % snrs) - 6, f"s{n // shared}", f"t{n % talkers}")
        for n in range(snrs * each)
    ]


@st.composite
def studies(x: st.DrawFn) -> dict[str, Any]:
    """Return the arguments of a possible schedule."""
    comparisons = x(st.integers(1, 4))
    snrs = x(st.integers(1, 6))
    shared = x(st.integers(1, 3))
    mixtures = candidates(
        snrs, x(st.integers(4, 8)), shared=shared, talkers=x(st.integers(1, 5))
    )
    most = len({m.sentence for m in mixtures}) // (2 * comparisons)
    halves = x(st.integers(1, max(1, min(most, 4))))
    if most == 0:
        comparisons, halves = 1, 1
        mixtures = candidates(snrs, 4)
    return {
        "comparisons": list(range(10, 10 + comparisons)),
        "candidates": mixtures,
        "trials": 2 * comparisons * halves,
        "training": x(st.integers(0, 3)),
    }


def judged(drawn: list[Drawn]) -> list[Drawn]:
    return of_kind(drawn, Kind.TEST)


def of_kind(drawn: list[Drawn], kind: Kind) -> list[Drawn]:
    return [t for t in drawn if t.kind is kind]
