"""The results page and its files: for the owner, and for nobody else."""

import io
import json
import zipfile
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from listening.simulation import simulate
from tests.listening.test_simulation import AT
from tests.scene import Scene, make_study, uncover

NAMES = ["results", "results-json", "results-csv", "results-r", "export"]


def urls(slug: str) -> list[str]:
    figures = [reverse("results-figure", args=[slug, fmt]) for fmt in ("svg", "png")]
    named = reverse("results-named-figure", args=[slug, "preference", "pdf"])
    names = ("report.html", "methods.txt", "equivalence.csv")
    files = [reverse("results-file", args=[slug, name]) for name in names]
    return [reverse(name, args=[slug]) for name in NAMES] + [*figures, named, *files]


@pytest.fixture
def answered(scene: Scene, client: Client) -> Scene:
    simulate(scene.study, raters=4, seed=1, at=AT)
    uncover(scene.study)
    client.force_login(scene.ada)
    return scene


@pytest.mark.parametrize("url", urls("study"))
def test_the_owner_sees_it(answered: Scene, client: Client, url: str) -> None:
    assert client.get(url).status_code == 200


@pytest.mark.parametrize("url", urls("study"))
def test_another_owner_and_a_stranger_do_not(
    scene: Scene, client: Client, url: str
) -> None:
    response = client.get(url)
    assert response.status_code == 302
    assert "login" in response["Location"]
    client.force_login(scene.eve)
    assert client.get(url).status_code == 404


def test_the_page_says_what_was_found_and_that_it_was_simulated(
    answered: Scene, client: Client
) -> None:
    page = client.get(reverse("results", args=["study"])).content.decode()
    assert "wiener" in page
    assert "16 of 16 answers were made by a program" in page
    assert "wiener over unprocessed" in page
    assert "no difference" not in page


def test_a_study_without_answers_has_a_page_that_says_so(
    scene: Scene, client: Client
) -> None:
    client.force_login(scene.ada)
    page = client.get(reverse("results", args=["study"])).content.decode()
    assert "No answers yet" in page
    figure = client.get(reverse("results-figure", args=["study", "svg"]))
    assert figure.status_code == 404
    assert client.get(reverse("export", args=["study"])).status_code == 200


def test_the_number_of_queries_does_not_grow_with_the_answers(
    answered: Scene, client: Client, django_assert_num_queries: Any
) -> None:
    simulate(answered.study, raters=4, seed=2, at=AT)
    # session, user, study, whether it may be seen, count of trials, designs and the
    # first, trials, who is left out by hand, who looked early (for numbers and page)
    with django_assert_num_queries(11):
        client.get(reverse("results", args=["study"]))


def test_a_graded_study_has_ratings_and_two_figures(
    scene: Scene, client: Client
) -> None:
    study = make_study(scene.ada, scene.stimulus_set, slug="graded", method="ccr")
    simulate(study, raters=3, seed=1, at=AT)
    uncover(study)
    client.force_login(scene.ada)
    page = client.get(reverse("results", args=["graded"])).content.decode()
    assert "Mean rating" in page
    for name in ("rating", "preference"):
        url = reverse("results-named-figure", args=["graded", name, "svg"])
        assert url in page
        assert client.get(url)["Content-Type"] == "image/svg+xml"


@pytest.mark.parametrize("end", ["figure.gif", "rating/figure.svg", "nix/figure.svg"])
def test_a_figure_that_is_not_there_is_a_404(
    answered: Scene, client: Client, end: str
) -> None:
    assert client.get(f"/studies/study/results/{end}").status_code == 404


def test_the_json_is_the_analysis(answered: Scene, client: Client) -> None:
    data = json.loads(client.get(reverse("results-json", args=["study"])).content)
    assert data["simulated"] == {"trials": 16, "of": 16}
    assert sum(cell["n"] for cell in data["trials"]) == 16


def test_the_archive_holds_the_folder(answered: Scene, client: Client) -> None:
    response = client.get(reverse("export", args=["study"]))
    names = zipfile.ZipFile(io.BytesIO(response.content)).namelist()
    assert {"study/trials.csv", "study/README.txt", "study/preference.pdf"} <= set(
        names
    )
    assert response["Content-Disposition"] == 'attachment; filename="study.zip"'
