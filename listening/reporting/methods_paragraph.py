"""The methods paragraph: what a paper would say of how these numbers were made."""

from __future__ import annotations

from listening.analysis.results import Analysis
from listening.reporting import design_wording
from listening.reporting.exclusion_wording import for_methods
from listening.reporting.identifying_wording import METHODS as IDENTIFIED
from listening.reporting.procedure_wording import (
    about_early_look,
    about_procedure,
    counted,
)
from listening.reporting.score_wording import methods_of
from listening.statistics.mixed_ranking import MixedRanking
from listening.statistics.ranking import Ranking

COUNTED = (
    "Preference is the share of answers in favour of the enhanced member among the "
    "answers that preferred one of the two; answers without preference are reported "
    "and not split."
)
MODELLED = (
    "Those answers were analysed by mixed-effects logistic regression with crossed "
    "random intercepts for raters and for utterances{slopes}{position}, fitted by "
    "maximising "
    "the Laplace approximation jointly over variance components and coefficients. "
    "{cells} Reported preferences are averaged over the population of raters and "
    "utterances by Gauss-Hermite quadrature, with delta-method intervals on the logit "
    "scale that carry the uncertainty of the variance components, and Student's t on "
    "min(raters, utterances) − 1 degrees of freedom. Preferences over all SNRs weigh "
    "each SNR alike. The share of raters who prefer a system is the normal "
    "distribution's, of the raters' effects. Trends over the SNR are from the model "
    "snr × system."
)
SLOPES = ", raters' random slopes on the SNR (correlated with their intercepts)"
BY_CELL = "The fixed effects were a mean for each system and SNR."
BY_LINE = "The fixed effects were system, SNR and their interaction."
PENALISED = (
    "Where maximum likelihood does not exist, weak penalties kept estimates finite: "
    "half-normal(0, 2) on standard deviations and N(0, 2.5) on logits."
)
GRADED = (
    "Graded answers were analysed by cumulative-link mixed models (logit) with the "
    "same terms, and by their means."
)
TIED = (
    "Answers were analysed a second time as three ordered categories, no preference in "
    "the middle, by a cumulative-link mixed model (logit) with the same terms."
)
COMPANIONS = (
    "Beside it stand two-way cluster-robust intervals of the mean (raters and "
    "utterances; Cameron, Gelbach and Miller 2011) with t on the same degrees of "
    "freedom, and the design effect: how many times larger the variance is than that "
    "of as many independent answers. Exact binomial tests with Clopper-Pearson "
    "intervals are given because readers expect them; they assume independent trials, "
    "which these are not."
)
EQUIVALENCE = (
    "Equivalence of systems was tested by two one-sided tests at 5 % with a margin of "
    "±{margin}, on the logit scale of preferences and on differences of preferences."
)
RATING_EQUIVALENCE = (
    "Equivalence of mean ratings was tested by two one-sided tests at 5 % with a "
    "margin of ±{margin} points, on two-way clustered means in which every SNR counts "
    "alike."
)
SINGLE_SNRS = (
    "The same tests at single SNRs stand beside them, not corrected for their number."
)
RANKED = (
    "Systems were ranked by the {model}, with two-way cluster-robust standard errors."
)
SCORE_MODELS = (
    "Beside them stand cumulative-link mixed models (logit) of the scores, with "
    "system, SNR and their interaction as fixed effects and crossed random intercepts "
    "for raters and utterances, fitted by the Laplace approximation; from them come "
    "the log odds of a higher score for each system against unprocessed speech, with "
    "Student's t on min(raters, utterances) − 1 degrees of freedom, and Holm's method "
    "over the systems."
)
DIFFERING = (
    "Beside it stands the {model} with normally distributed effects of raters and "
    "utterances on the order{taste}, fitted by the Laplace approximation."
)
E_VALUES = (
    "E-values are those of a beta-binomial mixture, uniform over the share of raters, "
    "against one half of the raters being for either system, each rater counting once "
    "by the majority of the rater's answers; by Ville's inequality they hold at any "
    "time."
)
AGREEMENT = (
    "Agreement of raters is Krippendorff's alpha (2011; {level} differences) over the "
    "sounds that several raters heard, with percentile intervals of the pigeonhole "
    "bootstrap of raters and sounds (Owen 2007)."
)
TESTS = (
    "p values are two-sided and test 50 % (ratings: 0; differences: 0); those of a "
    "comparison are adjusted over its SNRs by Holm's method, those over all SNRs over "
    "the comparisons."
)


def methods_paragraph(analysis: Analysis) -> str:
    """Return the paragraph for just this analysis, with counts and versions."""
    parts = [design(analysis)]
    if analysis.designs:
        parts.append(design_wording.for_methods(analysis.designs))
    if analysis.procedure:
        parts += about_procedure(analysis.procedure)
        parts += filter(None, [about_early_look(analysis.procedure)])
    if analysis.exclusions:
        parts.append(for_methods(analysis.exclusions))
    return " ".join([*parts, *about_tests(analysis), software(analysis)])


def about_tests(analysis: Analysis) -> list[str]:
    """Return what was counted and tested, by what was asked."""
    if analysis.identified:
        return [IDENTIFIED, TESTS]
    if analysis.scales:
        models = [SCORE_MODELS] if analysis.score_models else []
        return [methods_of(analysis), *models, AGREEMENT.format(level="interval")]
    parts = [COUNTED]
    if analysis.models:
        parts += about_models(analysis)
    if analysis.ranking:
        parts.append(RANKED.format(model=model_of(analysis.ranking)))
    if analysis.mixed_ranking:
        parts.append(about_mixed_ranking(analysis.mixed_ranking))
    for rated, text, margin in (
        (False, EQUIVALENCE, analysis.margin),
        (True, RATING_EQUIVALENCE, analysis.rating_margin),
    ):
        if any(one.rated == rated for one in analysis.equivalences):
            parts.append(text.format(margin=f"{margin:g}"))
    if analysis.equivalences_by_snr:
        parts.append(SINGLE_SNRS)
    return [*parts, COMPANIONS, TESTS, E_VALUES, AGREEMENT.format(level="ordinal")]


def about_models(analysis: Analysis) -> list[str]:
    by_cell = all(model.by_cell for model in analysis.models)
    position = any(model.position for model in analysis.models)
    slopes = any(model.slopes for model in analysis.models)
    told = MODELLED.format(
        slopes=SLOPES if slopes else "",
        position=", and a fixed effect of position" if position else "",
        cells=BY_CELL if by_cell else BY_LINE,
    )
    parts = [told]
    if any(model.penalised for model in analysis.models):
        parts.append(PENALISED)
    if any(model.graded for model in analysis.models):
        parts.append(GRADED if analysis.graded else TIED)
    return parts


def about_mixed_ranking(found: MixedRanking) -> str:
    name = (
        "cumulative model of Rao and Kupper (ties)" if found.threshold else "same model"
    )
    taste = len(found.fit.sd["rater"]) > 1
    liking = ", and on the liking for enhanced over unprocessed speech" if taste else ""
    return DIFFERING.format(model=name, taste=liking)


def model_of(ranking: Ranking) -> str:
    name = "model of Davidson (ties)" if ranking.with_ties else "Bradley-Terry model"
    return f"{name} with an order effect" if ranking.with_order else name


def design(analysis: Analysis) -> str:
    snrs = len({cell.snr_db for cell in analysis.cells})
    raters = counted(len(analysis.raters), "rater")
    about = "system" if analysis.scales else "comparison"
    return (
        f"{raters} gave {counted(analysis.n, 'answer')} "
        f"about {counted(analysis.utterances, 'utterance')} at {counted(snrs, 'SNR')} "
        f"in {counted(len(analysis.comparisons), about)}."
    )


def software(analysis: Analysis) -> str:
    names = [f"{name} {version}" for name, version in analysis.versions.items()]
    return f"Computed by Earshot with {', '.join(names)}."
