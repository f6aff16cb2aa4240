"""Results of many answers: made by the worker, kept, and made again for new answers."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from listening import computing, standing
from listening.computing import compute
from listening.models import AnalysisResult
from listening.simulation import simulate
from listening.tasks import compute_results
from tests.listening.test_simulation import AT
from tests.scene import Scene, uncover

URL = "/studies/study/results/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def many(scene: Scene, client: Client, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """Any answer is too many to be analysed while the browser waits."""
    monkeypatch.setattr(standing, "AT_ONCE", 0)
    simulate(scene.study, raters=4, seed=1, at=AT)
    uncover(scene.study)
    client.force_login(scene.ada)
    return scene


def work() -> None:
    """Do what the worker would."""
    for row in AnalysisResult.objects.filter(state="waiting"):
        assert compute_results.func(row.pk)


def page(client: Client, **headers: str) -> str:
    return client.get(URL, headers=headers).content.decode()


def test_many_answers_are_analysed_by_the_worker(many: Scene, client: Client) -> None:
    assert "Waiting for the worker." in page(client)
    assert DBTaskResult.objects.count() == 1
    work()
    said = page(client)
    assert "Computing the results" not in said
    assert "wiener over unprocessed" in said


def test_two_visits_make_one_task(many: Scene, client: Client) -> None:
    page(client)
    page(client)
    assert DBTaskResult.objects.count() == AnalysisResult.objects.count() == 1


def test_kept_files_are_those_that_would_be_made(many: Scene, client: Client) -> None:
    page(client)
    work()
    expected = computing.fresh(many.study)
    for name in ("analysis.json", "report.html", "methods.txt"):
        found = client.get(reverse("results-file", args=["study", name])).content
        assert found == expected.file(name)
    url = reverse("results-named-figure", args=["study", "preference", "svg"])
    assert client.get(url).content == expected.file("preference.svg")


def test_the_page_asks_until_the_results_are_there(many: Scene, client: Client) -> None:
    said = page(client)
    assert 'hx-trigger="every 1s"' in said
    assert "<html" not in client.get(URL, headers=HTMX).content.decode()
    work()
    assert client.get(URL, headers=HTMX)["HX-Refresh"] == "true"


def test_new_answers_are_analysed_while_the_old_results_stand(
    many: Scene, client: Client
) -> None:
    page(client)
    work()
    simulate(many.study, raters=1, seed=2, at=AT)
    said = page(client)
    assert "Computing the results" in said
    assert "wiener over unprocessed" in said
    work()
    assert AnalysisResult.objects.count() == 1


def test_what_fails_is_said_and_can_be_tried_again(
    many: Scene, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    page(client)
    (row,) = AnalysisResult.objects.all()
    with monkeypatch.context() as patch:
        patch.setattr(computing, "packed", None)
        assert not compute(row.pk)
    said = page(client)
    assert "could not be computed" in said
    assert "TypeError" in said
    assert client.post(reverse("results-again", args=["study"])).status_code == 302
    assert "Waiting for the worker." in page(client)


def test_a_row_is_computed_by_one_worker(many: Scene, client: Client) -> None:
    page(client)
    (row,) = AnalysisResult.objects.all()
    assert AnalysisResult.objects.claim(row.pk)
    assert not compute(row.pk)


def test_a_lost_worker_is_replaced(many: Scene, client: Client) -> None:
    page(client)
    (row,) = AnalysisResult.objects.all()
    AnalysisResult.objects.update(changed_at=row.changed_at - timedelta(hours=1))
    page(client)
    (again,) = AnalysisResult.objects.all()
    assert again.pk != row.pk


def test_until_there_are_results_there_are_no_files(
    many: Scene, client: Client
) -> None:
    for name in ("figure.svg", "analysis.json", "nix.txt"):
        assert client.get(URL + name).status_code == 404


def test_only_the_owner_tries_again(many: Scene, client: Client) -> None:
    url = reverse("results-again", args=["study"])
    assert client.get(url).status_code == 405
    client.force_login(many.eve)
    assert client.post(url).status_code == 404
