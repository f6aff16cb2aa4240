"""The Wiener filter with the decision-directed a-priori SNR.

[SF96] P. Scalart, J. Vieira Filho, Speech enhancement based on a priori signal to noise
       estimation, IEEE ICASSP 1996.
"""

from enhancement import gains
from enhancement.classical import FRAMING
from enhancement.classical.decision_directed import PARAMETERS, Ratio, Suppressor
from enhancement.spectral import GainProcessor, SpectralSystem, spectral_system


def system(*, slug: str, label: str) -> SpectralSystem:
    return spectral_system(
        slug=slug,
        label=label,
        framing=FRAMING,
        processor=lambda: GainProcessor(Suppressor(_rule)),
        parameters=PARAMETERS,
    )


def _rule(xi: Ratio, gamma: Ratio) -> Ratio:
    return gains.wiener(xi)
