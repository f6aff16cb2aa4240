"""Results with all raters, and without those whom the declared rules leave out."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from listening import standing
from listening.analysis import analyse_study
from listening.analysis.analyse import analyse
from listening.analysis.tables import trials_of
from listening.computing import key_of
from listening.enrolment import enrol
from listening.export import export_study
from listening.models import AnalysisResult, Rater, Response, Session, Study
from listening.reporting.methods_paragraph import methods_paragraph
from listening.tasks import compute_results
from tests.raters import finish
from tests.scene import Scene, make_checked_study, uncover

RULES = {"gold": {"use": 0.34, "pay": 0.7}, "repeats": {"use": 0.5}}
URL = "/studies/checked/results/"
USED = {"raters": "used"}
CHOICE = "Without the 1 left out"


@pytest.fixture
def study(scene: Scene, client: Client) -> Study:
    """Three raters know gold; the fourth always answers A and so fails half of it."""
    study = make_checked_study(scene, exclusion_rules=RULES)
    for seed in range(4):
        session = enrol(study=study, stage=Session.Stage.LIVE, seed=seed, at=now())
        finish(session, at=now())
        if seed < 3:
            attend_to_gold(session)
    uncover(study)
    client.force_login(scene.ada)
    return study


def attend_to_gold(session: Session) -> None:
    of_gold = Response.objects.filter(trial__session=session, trial__kind="gold")
    of_gold.filter(trial__enhanced_first=True).update(value=-1)
    of_gold.filter(trial__enhanced_first=False).update(value=1)


@pytest.fixture
def always_a(study: Study) -> str:
    return Rater.objects.order_by("pk")[3].code


def as_json(client: Client) -> Any:
    return json.loads(client.get(reverse("results-json", args=["checked"])).content)


def test_the_json_holds_both_and_who_was_left_out_by_which_rule(
    study: Study, always_a: str, client: Client
) -> None:
    data = as_json(client)
    told = data["exclusions"]
    assert data["raters"]["n"] == 4
    assert told["analysis"]["raters"]["n"] == told["raters"] - told["not_used"] == 3
    assert sum(cell["n"] for cell in data["trials"]) == 16
    assert sum(cell["n"] for cell in told["analysis"]["trials"]) == 12
    assert [(r["rule"], r["not_used"], r["not_paid"]) for r in told["rules"]] == [
        ("gold", 1, 0),
        ("repeats", 0, 0),
    ]
    [decision] = told["decisions"]
    assert decision["rater"] == always_a
    assert decision["not_used"][0]["words"].startswith("failed 50% of the trials")
    assert data["checks"]["gold"]["failing"][0]["rater"] == always_a


def test_without_is_the_analysis_of_a_table_that_lacks_them(
    study: Study, always_a: str
) -> None:
    table = trials_of(study)
    found = analyse_study(study).exclusions
    assert found is not None
    by_hand = analyse(table[table["rater"] != always_a], position=True).as_json()
    without = found.without.as_json()
    assert {key: without[key] for key in by_hand} == by_hand


def test_a_study_that_declared_nothing_leaves_nobody_out(
    study: Study, client: Client
) -> None:
    Study.objects.update(exclusion_rules={})
    data = as_json(client)
    assert "exclusions" not in data
    assert data["checks"]["gold"]["failed"] == 1
    page = client.get(URL).content.decode()
    assert "left out" not in page
    assert "gold trials, whose answer is known, 1 were failed" in page


def test_nobody_left_out_is_said(study: Study, client: Client) -> None:
    Study.objects.update(exclusion_rules={"gold": {"use": 0.9}})
    page = client.get(URL).content.decode()
    assert "The declared rules leave out none of 4 raters." in page
    assert "Whose answers are shown" not in page
    assert client.get(URL, USED).status_code == 200


def test_everybody_left_out_is_said(study: Study, client: Client) -> None:
    Study.objects.update(exclusion_rules={"gold": {"use": 0.9}, "answered": {"use": 1}})
    Response.objects.filter(trial__kind="gold").delete()
    page = client.get(URL, USED).content.decode()
    assert "Nobody is left" in page
    figure = reverse("results-named-figure", args=["checked", "preference", "svg"])
    assert client.get(figure, USED).status_code == 404
    assert client.get(figure).status_code == 200
    assert as_json(client)["exclusions"]["analysis"]["trials"] == []


def test_the_page_shows_one_and_offers_the_other(
    study: Study, always_a: str, client: Client
) -> None:
    whole, used = (client.get(URL, c).content.decode() for c in ({}, USED))
    for page in (whole, used):
        assert "The declared rules leave out 1 of 4 raters." in page
        assert CHOICE in page
        assert f"<code>{always_a}</code> (not used)" in page
    assert "results of all raters" in whole
    assert "results without the raters left out" in used
    assert "of 4 raters preferred" in whole
    assert "of 3 raters preferred" in used
    assert 'figure.svg?raters=used"' in used
    assert "?raters=used.svg" not in whole


def test_htmx_gets_the_named_part_alone(study: Study, client: Client) -> None:
    asked = {"HX-Request": "true", "HX-Target": "numbers"}
    part = client.get(URL, USED, headers=asked).content.decode()
    assert part.strip().startswith('<div id="numbers"')
    assert "of 3 raters preferred" in part
    assert "<html" not in part
    assert "Methods, for the paper" not in part


def test_figures_differ_and_say_so(study: Study, client: Client) -> None:
    figure = reverse("results-named-figure", args=["checked", "preference", "svg"])
    whole, used = (client.get(figure, c).content for c in ({}, USED))
    assert whole != used
    assert b"raters left out" not in whole
    assert b"1 raters left out" not in used  # one of them is one rater
    assert b"1 rater left out" in used


def test_report_and_methods_tell_of_both(study: Study, client: Client) -> None:
    files = [reverse("results-file", args=["checked", n]) for n in FILES]
    report, methods = (client.get(url).content.decode() for url in files)
    for text in (report, methods):
        assert "Rules on raters were declared before the study opened." in text
        assert "share of gold trials failed above 34% (1 rater)" in text
        assert "The declared rules leave out 1 of 4 raters." in text
    assert "Results without the raters left out" in report
    assert report.count("<svg") == 2 * report.count("<svg", report.index("Results w"))
    assert 'id="preference-without"' in report


FILES = ("report.html", "methods.txt")


def test_methods_of_a_table_from_elsewhere_know_no_rules(study: Study) -> None:
    assert "Rules on raters" not in methods_paragraph(analyse(trials_of(study)))


def test_the_command_tells_of_both(study: Study, tmp_path: Path) -> None:
    out = io.StringIO()
    call_command("analyze", "checked", json=str(tmp_path / "found.json"), stdout=out)
    assert "The declared rules leave out 1 of 4 raters." in out.getvalue()
    assert "Without them:" in out.getvalue()
    found = json.loads((tmp_path / "found.json").read_text())
    assert found["exclusions"]["analysis"]["raters"]["n"] == 3


def test_the_export_holds_both(study: Study, tmp_path: Path) -> None:
    export_study(study, tmp_path)
    data = json.loads((tmp_path / "analysis.json").read_text())
    assert data["exclusions"]["not_used"] == 1
    assert (tmp_path / "without-preference.svg").exists()
    assert (
        json.loads((tmp_path / "design.json").read_text())["study"]["exclusion_rules"]
        == RULES
    )


def test_both_are_kept(
    study: Study, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = as_json(client), client.get(URL, USED).content
    monkeypatch.setattr(standing, "AT_ONCE", 0)
    client.get(URL)
    row = AnalysisResult.objects.get()
    assert compute_results.func(row.pk)
    row.refresh_from_db()
    names = zipfile.ZipFile(io.BytesIO(bytes(row.content))).namelist()
    assert {"preference.svg", "without/preference.svg"} <= set(names)
    assert as_json(client) == expected[0]
    used = client.get(URL, USED).content
    assert b"of 3 raters preferred" in used
    figure = reverse("results-named-figure", args=["checked", "preference", "svg"])
    assert b"1 rater left out" in client.get(figure, USED).content


@pytest.mark.parametrize("field", ["value", "listened_a_s", "response_time_s"])
def test_what_a_rule_reads_makes_kept_results_worthless(
    study: Study, field: str
) -> None:
    before = key_of(study)
    response = Response.objects.filter(trial__kind="gold")[0]
    Response.objects.filter(pk=response.pk).update(**{field: 3})
    assert key_of(study) != before


def test_only_the_owner_chooses(study: Study, scene: Scene, client: Client) -> None:
    client.force_login(scene.eve)
    assert client.get(URL, USED).status_code == 404
