"""/accounts/: log in, log out, change the password."""

import pytest
from django.test import Client

from tests.scene import Scene

LOGIN = "/accounts/login/"


def test_logging_in_leads_to_the_studies(client: Client, scene: Scene) -> None:
    answer = client.post(LOGIN, {"username": "ada", "password": "ada's password"})
    assert answer.headers["Location"] == "/studies/"


def test_a_wrong_password_is_said(client: Client, scene: Scene) -> None:
    answer = client.post(LOGIN, {"username": "ada", "password": "wrong"})
    assert "Please enter a correct username and password" in answer.content.decode()


def test_the_way_on_stays_on_the_site(client: Client, scene: Scene) -> None:
    filled = {"username": "ada", "password": "ada's password", "next": "//evil.example"}
    assert client.post(LOGIN, filled).headers["Location"] == "/studies/"


def test_logging_out_must_be_posted(client: Client, scene: Scene) -> None:
    client.force_login(scene.ada)
    assert client.get("/accounts/logout/").status_code == 405
    client.post("/accounts/logout/")
    assert client.get("/studies/").status_code == 302


@pytest.mark.parametrize("last", ["", "done/"])
def test_the_password_pages_are_ours(client: Client, scene: Scene, last: str) -> None:
    client.force_login(scene.ada)
    answer = client.get(f"/accounts/password_change/{last}")
    assert "site.css" in answer.content.decode()


def test_guessing_is_stopped_for_a_while(client: Client, scene: Scene) -> None:
    for _ in range(8):
        answer = client.post(LOGIN, {"username": "ada", "password": "guess"})
    assert answer.status_code == 429
    assert "Too many attempts" in answer.content.decode()
    filled = {"username": "ada", "password": "ada's password"}
    assert client.post(LOGIN, filled).status_code == 429
    elsewhere = client.post(LOGIN, filled, REMOTE_ADDR="192.0.2.7")
    assert elsewhere.status_code == 302
