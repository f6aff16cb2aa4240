"""GET /"""

from django.test import Client

from tests.scene import Scene


def test_it_tells_a_stranger_what_this_is(client: Client, db: None) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert "blind listening tests" in answer.content.decode()


def test_it_shows_a_stranger_no_study(client: Client, scene: Scene) -> None:
    assert scene.study.title not in client.get("/").content.decode()


def test_it_takes_an_experimenter_to_the_studies(client: Client, scene: Scene) -> None:
    client.force_login(scene.ada)
    answer = client.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/studies/")


def test_it_cannot_be_posted_to(client: Client, db: None) -> None:
    assert client.post("/").status_code == 405
