"""Studies, who rates in them, and what was asked and answered."""

from listening.models.result import AnalysisResult
from listening.models.session import Rater, Session
from listening.models.study import Comparison, Study
from listening.models.trial import Response, Trial

__all__ = [
    "AnalysisResult",
    "Comparison",
    "Rater",
    "Response",
    "Session",
    "Study",
    "Trial",
]
