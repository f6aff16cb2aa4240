"""Studies, who rates in them, and what was asked and answered."""

from listening.models.conduct import LinkCount, Unblinding
from listening.models.design import FrozenDesign
from listening.models.event import Event
from listening.models.headphones import HeadphoneTrial
from listening.models.recruiting import (
    ClosedCell,
    CompletionPath,
    Invitation,
    Outcome,
    PanelIdentity,
)
from listening.models.result import AnalysisResult
from listening.models.session import Exclusion, Rater, Session
from listening.models.study import Comparison, ConsentText, Study
from listening.models.trial import Response, Trial, TrialSound

__all__ = [
    "AnalysisResult",
    "ClosedCell",
    "Comparison",
    "CompletionPath",
    "ConsentText",
    "Event",
    "Exclusion",
    "FrozenDesign",
    "HeadphoneTrial",
    "Invitation",
    "LinkCount",
    "Outcome",
    "PanelIdentity",
    "Rater",
    "Response",
    "Session",
    "Study",
    "Trial",
    "TrialSound",
    "Unblinding",
]
