"""From the table of trials to numbers: the bridge between rows and statistics."""

from listening.analysis.analyse import analyse, versions
from listening.analysis.equivalences import Margins
from listening.analysis.results import Analysis, Cell
from listening.analysis.studies import analyse_study

__all__ = ["Analysis", "Cell", "Margins", "analyse", "analyse_study", "versions"]
