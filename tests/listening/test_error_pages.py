"""Pages for what went wrong look like the rest and tell nothing of the inside."""

import pytest
from django.template.loader import render_to_string
from django.test import Client


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "500"])
def test_it_renders_with_nothing_at_hand(name: str) -> None:
    """As Django does when the site itself is broken: no request, no context."""
    page = render_to_string(f"{name}.html")
    assert "site.css" in page
    assert "<h1>" in page


def test_an_address_of_nothing(client: Client, db: None) -> None:
    answer = client.get("/nothing/")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()
