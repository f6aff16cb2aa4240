"""The log-spectral amplitude estimator of Ephraim and Malah.

[EM85] Y. Ephraim, D. Malah, Speech enhancement using a minimum mean-square error
       log-spectral amplitude estimator, IEEE Trans. ASSP 33(2), 1985.

As published, without the uncertainty of speech presence that later programs add.
"""

from enhancement import gains
from enhancement.classical import FRAMING
from enhancement.classical.decision_directed import PARAMETERS, Suppressor
from enhancement.spectral import GainProcessor, SpectralSystem, spectral_system


def system(*, slug: str, label: str) -> SpectralSystem:
    return spectral_system(
        slug=slug,
        label=label,
        framing=FRAMING,
        processor=lambda: GainProcessor(Suppressor(gains.log_mmse)),
        parameters=PARAMETERS,
    )
