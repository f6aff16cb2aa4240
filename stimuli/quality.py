"""The table an experimenter looks through before a set goes to raters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

from stimuli.models import Stimulus, StimulusSet
from stimuli.rendering import CEILING_DBTP

Value = str | float | None


@dataclass(frozen=True)
class Column:
    key: str
    label: str
    value: Callable[[Stimulus], Value]
    form: str = "{}"
    fault: Callable[[Stimulus], str] = lambda stimulus: ""

    @property
    def falling(self) -> str:
        """What sorts by it, highest first."""
        return f"-{self.key}"


@dataclass(frozen=True)
class Cell:
    text: str
    fault: str  # why it is out of range; empty if it is not
    numeric: bool
    link: bool  # to the stimulus


@dataclass(frozen=True)
class Row:
    stimulus: Stimulus
    cells: list[Cell]


@dataclass(frozen=True)
class Group:
    snr_db: float
    rows: list[Row]
    faults: int


def _snr_is_off(s: Stimulus) -> str:
    measured = s.mixture.measured_snr_db
    if measured is not None and abs(measured - s.mixture.snr_db) > 0.1:
        return f"more than 0.1 dB from the nominal {s.mixture.snr_db:g} dB"
    return ""


def _has_delay(s: Stimulus) -> str:
    return "the system was late: the delay was taken out" if s.delay_samples else ""


def _level_is_off(s: Stimulus) -> str:
    of = s.mixture.stimulus_set
    if of.level_policy != of.LevelPolicy.SPEECH or s.speech_level_dbov is None:
        return ""
    wanted = of.level_db + (s.safety_gain_db or 0.0)
    off = abs(s.speech_level_dbov - wanted) > 0.1
    return f"more than 0.1 dB from {wanted:.1f} dBov" if off else ""


def _gain_is_large(s: Stimulus) -> str:
    large = s.level_gain_db is not None and abs(s.level_gain_db) > 12
    return "more than 12 dB: the system changes the level of speech" if large else ""


def _is_turned_down(s: Stimulus) -> str:
    low = s.safety_gain_db is not None and s.safety_gain_db < -6
    return "more than 6 dB: choose a lower level for the set" if low else ""


def _peak_is_high(s: Stimulus) -> str:
    high = s.true_peak_dbtp is not None and s.true_peak_dbtp > CEILING_DBTP
    return f"above {CEILING_DBTP:g} dBTP" if high else ""


COLUMNS = [
    Column("mixture", "Mixture", lambda s: s.mixture.index, "#{}"),
    Column("utterance", "Utterance", lambda s: s.mixture.utterance.name),
    Column("noise", "Noise", lambda s: _noise(s)),
    Column("system", "System", lambda s: s.system),
    Column(
        "snr",
        "SNR measured",
        lambda s: s.mixture.measured_snr_db,
        "{:.2f}",
        _snr_is_off,
    ),
    Column(
        "delay", "Delay (samples)", lambda s: s.delay_samples, "{:d}", fault=_has_delay
    ),
    Column("gain", "Level gain", lambda s: s.level_gain_db, "{:+.1f}", _gain_is_large),
    Column(
        "safety", "Safety gain", lambda s: s.safety_gain_db, "{:+.1f}", _is_turned_down
    ),
    Column(
        "speech", "Speech dBov", lambda s: s.speech_level_dbov, "{:.1f}", _level_is_off
    ),
    Column("loudness", "Loudness LUFS", lambda s: s.loudness_lufs, "{:.1f}"),
    Column("peak", "Peak dBTP", lambda s: s.true_peak_dbtp, "{:.1f}", _peak_is_high),
    Column("si_sdr", "SI-SDR", lambda s: s.si_sdr_db, "{:.1f}"),
    Column("sdr", "SDR", lambda s: s.sdr_db, "{:.1f}"),
    Column("stoi", "STOI", lambda s: s.stoi, "{:.2f}"),
    Column("estoi", "ESTOI", lambda s: s.estoi, "{:.2f}"),
    Column("pesq", "PESQ", lambda s: s.pesq_wb, "{:.2f}"),
]


def groups(stimulus_set: StimulusSet, *, sort: str = "") -> list[Group]:
    """Return what is rendered by SNR, sorted within by a column (`-key`: falling)."""
    stimuli = list(Stimulus.objects.of_set(stimulus_set).for_quality())
    column = {c.key: c for c in COLUMNS}.get(sort.removeprefix("-"), COLUMNS[0])
    stimuli.sort(key=_by(column), reverse=sort.startswith("-"))
    stimuli.sort(key=lambda s: s.mixture.snr_db)  # stable
    return [
        _group(snr_db, list(found))
        for snr_db, found in groupby(stimuli, key=lambda s: s.mixture.snr_db)
    ]


def _by(column: Column) -> Callable[[Stimulus], tuple[bool, str, float]]:
    """Return a key for values that are texts or numbers or missing (last)."""

    def key(stimulus: Stimulus) -> tuple[bool, str, float]:
        value = column.value(stimulus)
        if isinstance(value, str):
            return False, value, 0.0
        return value is None, "", value or 0.0

    return key


def _group(snr_db: float, stimuli: list[Stimulus]) -> Group:
    rows = [Row(s, [_cell(s, column) for column in COLUMNS]) for s in stimuli]
    faults = sum(bool(cell.fault) for row in rows for cell in row.cells)
    return Group(snr_db, rows, faults)


def _cell(stimulus: Stimulus, column: Column) -> Cell:
    value = column.value(stimulus)
    numeric = not isinstance(value, str)
    text = "–" if value is None else column.form.format(value)
    return Cell(
        text=text.replace("-", "−") if numeric else text,
        fault=column.fault(stimulus),
        numeric=numeric,
        link=column.key == "system",
    )


def _noise(stimulus: Stimulus) -> str:
    noise = stimulus.mixture.noise
    return "finished" if noise is None else noise.kind or noise.name
