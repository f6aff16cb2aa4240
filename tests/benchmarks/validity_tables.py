"""The validity study as tables in Markdown."""

from typing import Any

import numpy as np

Raw = dict[str, dict[str, Any]]

SIX = ("lab-8", "lab-20", "study-50", "cell-50", "crowd-400", "alike-50")
TESTS = ("glmm", "two_way", "pooled")
NAMES = {"glmm": "mixed model", "two_way": "two-way t", "pooled": "pooled binomial"}

INTRODUCTION = """# What the tests of preference hold

Written by `python -m tests.benchmarks.validity`. Simulated studies of one system (but
for "slopes": six SNRs); raters differ with SD 0.8 and utterances with SD 0.5 (logits)
unless said otherwise. "mixed model": population-averaged preference of the crossed
mixed logistic model, Student's t on min(raters, utterances) - 1 degrees of freedom (the
headline). "two-way t": two-way cluster-robust t. "pooled binomial": exact, as if trials
were independent. In brackets: Monte-Carlo standard error, in units of the last digit.
"""


def without_p_values(raw: Raw) -> Raw:
    """Return the results without the single p-values, which are many."""
    return {
        name: part
        if "rules" in part
        else part
        | {
            "tests": {
                test: {k: v for k, v in rates.items() if k != "p_values"}
                for test, rates in part["tests"].items()
            }
        }
        for name, part in raw.items()
    }


def markdown(raw: Raw) -> str:
    """Return all tables."""
    sections = [
        INTRODUCTION,
        "## Size: rejections of a true 50 % at 5 %\n",
        _rates(raw, [f"{name}-0.5" for name in SIX], "rejected"),
        "## Coverage of the 95 % interval at a true 70 %, mean width beside it\n",
        _rates(raw, [f"{name}-0.7" for name in SIX], "covered", width=True),
        "## Where the model is wrong\n",
        "Raters of two tastes do no harm. Slopes that are not modelled do none to the "
        "mean over SNRs, but the trend over SNR and the preference at a single SNR are "
        "then believed too firmly; modelling them, or the two-way t, mends that.\n",
        "Rejections of a true 50 %.\n",
        _misspecified(raw, 0.5, "rejected"),
        "Coverage at a true 70 % at every SNR, which for raters with slopes is no line "
        "in the logit: the model with slopes tells the middle 1.4 points too high.\n",
        _misspecified(raw, 0.7, "covered"),
        "## Equivalence: both one-sided tests at 5 %, margin 45 to 55 %\n",
        "Declared equivalent, of studies at the margin (size) and at 50 % (power).\n",
        _rates(raw, ["equal-0.55", "equal-0.5"], "equivalent"),
        "## Power at true size\n",
        "Every test at the level that rejects a true 50 % in 5 % of such studies; "
        "in the last column the pooled binomial at its nominal level.\n",
        _power(raw),
        "## Looking early\n",
        _looks(raw),
    ]
    return "\n".join(sections)


def _rates(raw: Raw, parts: list[str], rate: str, *, width: bool = False) -> str:
    head = ["studies", "replicates", "true", *(NAMES[t] for t in TESTS)]
    lines = []
    for name in parts:
        part = raw[name]
        cells = [_cell(part, part["tests"][test], rate, width) for test in TESTS]
        share = f"{100 * part['p']:.0f} %"
        lines.append([part["about"], f"{part['replicates']:,}", share, *cells])
    return _table(head, lines)


def _misspecified(raw: Raw, p: float, rate: str) -> str:
    lines = [
        [raw[name]["about"], f"{raw[name]['replicates']:,}", _name(test), text]
        for name in (f"groups-{p}", f"slopes-{p}", f"sloped-{p}")
        for test, rates in raw[name]["tests"].items()
        if rate in rates or (test == "glmm trend" and rate == "rejected")
        if (text := _cell(raw[name], rates, rate, False))
    ]
    return _table(["studies", "replicates", "test", "share"], lines)


def _name(test: str) -> str:
    first, _, rest = test.partition(" ")
    return f"{NAMES[first]} {rest}".strip()


def _power(raw: Raw) -> str:
    null = raw["study-50-0.5"]["tests"]
    lines = []
    for p in (0.55, 0.575, 0.6):
        part = raw[f"power-{p}"]
        cells = []
        for test in TESTS:
            level = np.quantile(null[test]["p_values"], 0.05)
            found = np.array(part["tests"][test]["p_values"]) <= level
            cells.append(_with_error(float(found.mean()), len(found)))
        nominal = _cell(part, part["tests"]["pooled"], "rejected", False)
        lines.append([part["about"], f"{100 * p:g} %", *cells, nominal])
    head = ["studies", "true", *(NAMES[t] for t in TESTS), "pooled, nominal"]
    return _table(head, lines)


def _looks(raw: Raw) -> str:
    parts = [part for name, part in raw.items() if name.startswith("looks-")]
    head = ["rule", *(f"{100 * p['p']:.0f} %, {p['about']}" for p in parts)]
    lines = [
        [
            rule,
            *(
                f"{_with_error(p['rules'][rule]['stopped'], p['replicates'])}, "
                f"{p['rules'][rule]['raters']:.0f} raters"
                for p in parts
            ),
        ]
        for rule in parts[0]["rules"]
    ]
    told = (
        "36 trials a rater, a look after every fifth of the raters: share of studies "
        "that stop with a finding, and raters heard on average. With a true 50 % that "
        "share should be at most 5 %. The e-process looks after every rater; it speaks "
        "of the utterances that were heard, so that many raters of few utterances find "
        "what other utterances would not bear out. Replicates: "
        + ", ".join(f"{p['replicates']:,}" for p in parts)
        + ".\n"
    )
    return f"{told}\n{_table(head, lines)}"


def _cell(part: dict[str, Any], rates: dict[str, Any], rate: str, width: bool) -> str:
    text = _with_error(rates[rate], part["replicates"] - rates["failed"])
    if rates["failed"]:
        text += f", {rates['failed']} failed"
    return f"{text}; {rates['width']:.3f}" if width else text


def _with_error(share: float, n: int) -> str:
    error = round(1e4 * np.sqrt(max(share * (1 - share), 1 / n) / n))
    return f"{share:.4f}({error})" if error < 100 else f"{share:.3f}({error // 10})"


def _table(head: list[str], lines: list[list[str]]) -> str:
    rows = [head, ["---"] * len(head), *lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"
