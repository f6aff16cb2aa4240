"""A design is frozen as its study opens; what is changed later is an amendment."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client

from listening import freezing, launching
from listening.analysis import analyse_study
from listening.analysis.equivalences import Margins
from listening.computing import key_of
from listening.design_document import canonical, differences, document_of, words
from listening.enrolment import enrol
from listening.export import export_study
from listening.freezing import ChangeRefused
from listening.models import Comparison, FrozenDesign, Study
from listening.reporting.methods_paragraph import methods_paragraph
from listening.reporting.reports import context_of
from listening.simulation import simulate
from stimuli.models import Stimulus
from tests.raters import finish
from tests.scene import Scene, make_study

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
RULES = {"run": {"use": 0.01}}


@pytest.fixture
def draft(scene: Scene) -> Study:
    return make_study(
        scene.ada,
        scene.stimulus_set,
        slug="draft",
        state="draft",
        opened_at=None,
        equivalence_margin=0.1,
    )


@pytest.fixture
def paused(draft: Study) -> Study:
    """Return a paused study that one rater has finished, and one simulated."""
    launching.open_study(draft, at=NOON)
    finish(enrol(study=draft, stage="live", seed=1, at=NOON), at=NOON)
    simulate(draft, raters=1, seed=1, at=NOON)
    launching.pause_study(draft)
    return draft


def amend(study: Study, reason: str = "It was wrong.", **fields: Any) -> None:
    """Give columns of `study` other values, as a form does."""

    def save() -> None:
        Study.objects.filter(pk=study.pk).update(**fields)

    freezing.change(study, save, at=NOON, reason=reason)
    study.refresh_from_db()


# ---- the first version --------------------------------------------------------------


def test_opening_keeps_the_design_whole(draft: Study) -> None:
    launching.open_study(draft, at=NOON)
    frozen = draft.frozen_designs.get()
    assert (frozen.version, frozen.created_by, frozen.answers) == (1, "ada", 0)
    assert frozen.sha256 == hashlib.sha256(frozen.json.encode()).hexdigest()
    design = frozen.design
    assert design["comparisons"] == [
        ["log-mmse", "unprocessed"],
        ["wiener", "unprocessed"],
    ]
    assert (design["stimulus_set"], design["method"]) == ("scene", "ab")
    assert design["equivalence_margin"] == 0.1


def test_opening_again_freezes_nothing_anew(draft: Study) -> None:
    launching.open_study(draft, at=NOON)
    launching.pause_study(draft)
    launching.open_study(draft, at=NOON)
    assert FrozenDesign.objects.count() == 1


def test_of_two_clicks_one_opens_and_freezes(draft: Study) -> None:
    stale = Study.objects.get(pk=draft.pk)
    launching.open_study(draft, at=NOON)
    with pytest.raises(launching.LaunchRefused, match="live cannot become live"):
        launching.open_study(stale, at=NOON)
    assert FrozenDesign.objects.count() == 1


def test_equal_designs_have_equal_hashes(draft: Study) -> None:
    before = canonical(document_of(draft))
    for comparison in reversed(draft.comparisons.all()):
        Comparison.objects.filter(pk=comparison.pk).delete()
        Comparison.objects.create(study=draft, system=comparison.system)
    assert canonical(document_of(Study.objects.get(pk=draft.pk))) == before


def test_another_sound_is_another_design(draft: Study) -> None:
    before = document_of(draft)["stimulus_set"]
    one = Stimulus.objects.filter(system="wiener").first()
    assert one is not None
    Stimulus.objects.filter(pk=one.pk).update(sha256="f" * 64)
    after = document_of(draft)["stimulus_set"]
    assert before.pop("manifest_sha256") != after.pop("manifest_sha256")
    assert before == after


def test_canonical_json_has_one_form() -> None:
    assert canonical({"b": [1, 0.05], "a": "é"}) == '{"a":"é","b":[1,0.05]}'
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical({"a": float("nan")})


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (None, "none"),
        ({}, "none"),
        (False, "no"),
        (0, "0"),
        ([["a", "b"], ["c", "b"]], "a against b; c against b"),
        ({"gold": {"pay": 0.7, "use": 0.34}}, "gold: pay 0.7, use 0.34"),
    ],
)
def test_values_are_told_in_words(value: Any, read: str) -> None:
    assert words(value) == read


def test_a_part_that_an_older_design_lacked_differs() -> None:
    [one] = differences({"title": "T"}, {"title": "T", "hypotheses": "H"})
    assert (one.part.label, one.before, one.after) == ("Hypotheses", "none", "H")


# ---- amendments ---------------------------------------------------------------------


def test_an_amendment_is_a_version_with_its_reason(paused: Study) -> None:
    amend(paused, reason="Fewer came.", rater_quota=30)
    first, second = freezing.history(paused)
    assert first.changes == []
    assert (second.row.version, second.row.reason) == (2, "Fewer came.")
    assert second.row.answers == 2 * 4
    [change] = second.changes
    assert (change.part.label, change.before, change.after) == (
        "Raters wanted",
        "50",
        "30",
    )
    assert second.row.sha256 != first.row.sha256


def test_it_needs_a_reason(paused: Study) -> None:
    with pytest.raises(ChangeRefused, match="needs a reason"):
        amend(paused, reason=" \n", rater_quota=30)
    paused.refresh_from_db()
    assert (paused.rater_quota, paused.frozen_designs.count()) == (50, 1)


def test_the_database_wants_a_reason_of_amendments_alone(paused: Study) -> None:
    first = paused.frozen_designs.get()
    first.pk, first.version = None, 2
    with pytest.raises(IntegrityError, match="an_amendment_has_a_reason"):
        first.save()


def test_a_second_click_records_nothing(paused: Study) -> None:
    for _ in range(2):
        amend(paused, rater_quota=30)
    assert paused.frozen_designs.count() == 2


@pytest.mark.parametrize("state", ["live", "closed", "pilot"])
def test_only_a_paused_study_is_amended(paused: Study, state: str) -> None:
    Study.objects.filter(pk=paused.pk).update(state=state)
    with pytest.raises(ChangeRefused, match="This study is"):
        amend(paused, rater_quota=30)
    assert paused.frozen_designs.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("method", "ccr", "The method stands"),
        ("gold_system", "wiener", "The members of gold trials stand"),
    ],
)
def test_what_answers_rest_on_stands(
    paused: Study, field: str, value: str, reason: str
) -> None:
    with pytest.raises(ChangeRefused, match=reason):
        amend(paused, **{field: value})
    assert paused.frozen_designs.count() == 1


def test_a_comparison_that_was_heard_stands(paused: Study) -> None:
    with pytest.raises(ChangeRefused, match="A comparison that people have heard"):
        freezing.change(
            paused,
            lambda: paused.comparisons.filter(system="wiener").delete(),
            at=NOON,
            reason="It is bad.",
        )
    assert paused.comparisons.count() == 2


def test_a_comparison_can_be_added(paused: Study) -> None:
    freezing.change(
        paused,
        lambda: paused.comparisons.create(system="log-mmse", reference="wiener"),
        at=NOON,
        reason="Asked by a reviewer.",
    )
    assert paused.frozen_designs.count() == 2


def test_sessions_remember_the_version_they_were_drawn_under(paused: Study) -> None:
    amend(paused, rater_quota=30)
    launching.open_study(paused, at=NOON)
    session = enrol(study=paused, stage="live", seed=2, at=NOON)
    assert session.design_version == 2
    versions = paused.sessions.order_by("pk").values_list("design_version", flat=True)
    assert list(versions) == [1, 1, 2]


def test_a_study_that_opened_without_a_frozen_design_keeps_what_it_was(
    scene: Scene,
) -> None:
    Study.objects.update(state=Study.State.PAUSED)
    amend(scene.study, rater_quota=30)
    first, second = freezing.history(scene.study)
    assert first.row.design["rater_quota"] == 50
    assert second.row.design["rater_quota"] == 30


# ---- what is told with the results --------------------------------------------------


def test_what_is_amended_after_answers_is_late(paused: Study) -> None:
    assert freezing.declared_late(paused) == frozenset()
    amend(paused, equivalence_margin=0.2, exclusion_rules=RULES)
    assert freezing.declared_late(paused) == {"equivalence_margin", "exclusion_rules"}
    amend(paused, equivalence_margin=0.1)
    assert freezing.declared_late(paused) == {"exclusion_rules"}


def test_what_is_amended_before_the_first_answer_is_not(draft: Study) -> None:
    launching.open_study(draft, at=NOON)
    launching.pause_study(draft)
    amend(draft, equivalence_margin=0.2)
    assert freezing.declared_late(draft) == frozenset()


def test_a_late_margin_stays_late_whatever_the_command_line_asks() -> None:
    late = Margins(0.1, 0.2, share_declared=False)
    assert late.overridden(Margins()) == late
    assert not late.overridden(Margins(0.1)).share_declared


def test_late_rules_say_so_wherever_they_are_used(paused: Study) -> None:
    amend(paused, exclusion_rules=RULES)
    analysis = analyse_study(paused)
    assert analysis.exclusions is not None
    assert not analysis.exclusions.on_time
    late = "Rules on raters were amended after answers had been given"
    assert late in methods_paragraph(analysis)
    assert late in context_of(analysis)["exclusions"]["summary"]


def test_the_study_s_page_marks_what_is_late(ada: Client, paused: Study) -> None:
    url, mark = "/studies/draft/", "declared after data"
    assert mark not in ada.get(url).content.decode()
    amend(paused, equivalence_margin=0.2, exclusion_rules=RULES)
    assert ada.get(url).content.decode().count(mark) == 2


def test_a_late_margin_says_so(paused: Study) -> None:
    paused.comparisons.create(system="log-mmse", reference="wiener")
    amend(paused, equivalence_margin=0.2)
    found = analyse_study(paused).equivalences
    assert found
    assert not any(one.declared for one in found)


def test_the_methods_name_the_frozen_design(paused: Study) -> None:
    sha256 = paused.frozen_designs.get().sha256
    told = methods_paragraph(analyse_study(paused))
    assert (
        f"The design was frozen on 1 May 2026, when the study opened (SHA-256 "
        f"{sha256[:16]}…), and not changed afterwards."
    ) in told


def test_results_say_when_the_design_has_versions(paused: Study) -> None:
    amend(paused, reason="Fewer came.", rater_quota=30)
    analysis = analyse_study(paused)
    assert (
        "it was amended on 1 May 2026, after 8 answers (Raters wanted)."
    ) in methods_paragraph(analysis)
    [caution] = context_of(analysis)["cautions"][:1]
    assert caution == (
        "The design has 2 versions; raters who finished: 2 under version 1. "
        "Version 2: Raters wanted, declared after 8 answers (Fewer came)."
    )
    one_version = replace(analysis, designs=analysis.designs[:1])
    assert not any("versions" in told for told in context_of(one_version)["cautions"])


def test_an_amendment_makes_kept_results_worthless(paused: Study) -> None:
    before = key_of(paused)
    amend(paused, rater_quota=30)
    assert key_of(paused) != before


def test_the_export_has_every_version(paused: Study, tmp_path: Path) -> None:
    amend(paused, rater_quota=30)
    export_study(paused, tmp_path)
    told = json.loads((tmp_path / "design.json").read_text())["frozen"]
    assert [one["version"] for one in told] == [1, 2]
    for one in told:
        content = (tmp_path / one["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == one["sha256"]
    assert told[1]["changes"] == [
        {"part": "rater_quota", "before": "50", "after": "30"}
    ]
    assert "design_version" in (tmp_path / "sessions.csv").read_text()


# ---- pages --------------------------------------------------------------------------


def test_the_page_tells_of_every_version(ada: Client, paused: Study) -> None:
    amend(paused, reason="<b>Fewer</b> came.", rater_quota=30)
    page = ada.get("/studies/draft/design/").content.decode()
    for one in paused.frozen_designs.all():
        assert one.sha256 in page
    assert "&lt;b&gt;Fewer&lt;/b&gt; came." in page
    assert paused.frozen_designs.get(version=2).sha256 in (
        ada.get("/studies/draft/").content.decode()
    )


def test_a_download_is_what_was_hashed(ada: Client, paused: Study) -> None:
    frozen = paused.frozen_designs.get()
    answer = ada.get("/studies/draft/design-1.json")
    assert hashlib.sha256(answer.content).hexdigest() == frozen.sha256
    assert "draft-design-1.json" in answer.headers["Content-Disposition"]
    assert ada.get("/studies/draft/design-2.json").status_code == 404


def test_a_form_of_a_paused_study_asks_for_a_reason(ada: Client, paused: Study) -> None:
    url = "/studies/draft/declaration/"
    filled = {"hypotheses": "", "equivalence_margin": "0.1", "rater_quota": 30}
    page = ada.post(url, filled).content.decode()
    assert "An amendment needs a reason" in page
    ada.post(url, filled | {"reason": "Fewer came."})
    paused.refresh_from_db()
    assert paused.rater_quota == 30
    assert paused.frozen_designs.get(version=2).reason == "Fewer came."


@pytest.mark.parametrize("page", ["design/", "design-1.json"])
def test_another_owner_and_a_stranger_see_nothing(
    client: Client, scene: Scene, paused: Study, page: str
) -> None:
    url = f"/studies/draft/{page}"
    assert client.get(url).status_code == 302
    client.force_login(scene.eve)
    assert client.get(url).status_code == 404
    client.force_login(scene.ada)
    assert client.post(url).status_code == 405
