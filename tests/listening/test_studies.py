"""GET /studies/"""

from datetime import UTC, datetime

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from listening.enrolment import enrol
from tests.raters import finish
from tests.scene import Scene, make_study

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_it_lists_our_studies(client: Client, scene: Scene) -> None:
    client.force_login(scene.ada)
    page = client.get("/studies/").content.decode()
    assert "Does it help?" in page
    assert "0 of 50 raters" in page


def test_it_hides_another_owners(client: Client, scene: Scene) -> None:
    client.force_login(scene.eve)
    page = client.get("/studies/").content.decode()
    assert "Does it help?" not in page
    assert "No studies yet" in page


def test_it_sends_a_stranger_to_log_in(client: Client, scene: Scene) -> None:
    answer = client.get("/studies/")
    assert answer.headers["Location"] == "/accounts/login/?next=/studies/"


def test_it_cannot_be_posted_to(client: Client, scene: Scene) -> None:
    client.force_login(scene.ada)
    assert client.post("/studies/").status_code == 405


@pytest.mark.parametrize("simulated", [False, True])
def test_it_counts_people_and_programs_apart(
    client: Client, scene: Scene, simulated: bool
) -> None:
    session = enrol(
        study=scene.study, stage="live", seed=1, at=NOON, simulated=simulated
    )
    finish(session, at=NOON)
    client.force_login(scene.ada)
    page = client.get("/studies/").content.decode()
    assert ("1 of 50 raters" in page) is not simulated
    assert ("1 simulated" in page) is simulated


def test_it_asks_the_database_as_often_for_many_studies(
    client: Client, scene: Scene, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        make_study(scene.ada, scene.stimulus_set, slug=f"another-{number}")
    client.force_login(scene.ada)
    with django_assert_num_queries(3):  # login session, user, studies
        client.get("/studies/")
