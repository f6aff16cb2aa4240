"""Studies, who rates in them, and what was asked and answered."""

from listening.models.result import AnalysisResult
from listening.models.session import Rater, Session
from listening.models.study import Comparison, ConsentText, Study
from listening.models.trial import Response, Trial

__all__ = [
    "AnalysisResult",
    "Comparison",
    "ConsentText",
    "Rater",
    "Response",
    "Session",
    "Study",
    "Trial",
]
