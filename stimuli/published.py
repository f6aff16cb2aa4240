"""What is published of the TinyLSTM family, to be shown beside our own.

[Fed20] I. Fedorov et al., TinyLSTMs: efficient neural speech enhancement for hearing
        aids, Interspeech 2020: operations and latency of the baseline, of INT8 2 and,
        by the ratio in its abstract, of the network that skips.
[Cho21] H.-S. Choi et al., Real-time denoising and dereverberation with tiny recurrent
        U-Net, ICASSP 2021, Table 2: reprints parameters, sizes and SDR of [Fed20].

Where neither gives operations they follow from the parameters (2 for each), and the
latency from 0.155 million operations a ms, which all numbers that are given obey.
"""

from dataclasses import dataclass

MATERIAL = "the test set of CHiME-2, a living room"
SNRS_DB = (-6.0, -3.0, 0.0, 3.0, 6.0, 9.0)


@dataclass(frozen=True)
class Published:
    name: str
    operations_m: float  # million a frame
    derived: bool  # the operations are not printed anywhere
    latency_ms: float
    parameters_m: float | None = None
    size_mib: float | None = None
    sdr_db: tuple[float, ...] | None = None  # at `SNRS_DB`, then the printed mean


FAMILY = {
    "tinylstm": Published(
        "Baseline FP32",
        1.94,
        False,
        12.52,
        0.97,
        3.70,
        (10.01, 11.54, 13.08, 14.23, 15.85, 17.46, 13.70),
    ),
    "tinylstm-pruned": Published(
        "Pruned FP32",
        1.04,
        True,
        6.7,
        0.52,
        1.97,
        (10.07, 11.59, 13.10, 14.31, 15.89, 17.50, 13.74),
    ),
    "tinylstm-int8-1": Published(
        "Pruned INT8 1",
        1.22,
        True,
        7.9,
        0.61,
        0.58,
        (9.82, 11.37, 12.91, 14.20, 15.74, 17.44, 13.58),
    ),
    "tinylstm-int8-2": Published(
        "Pruned INT8 2",
        0.66,
        False,
        4.26,
        0.33,
        0.31,
        (9.33, 10.91, 12.46, 13.79, 15.46, 17.16, 13.18),
    ),
    "tinylstm-skip": Published("Skip RNN, pruned INT8", 0.37, True, 2.39),
}
