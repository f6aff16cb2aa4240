"""Who looks at the experimenter's pages."""

import pytest
from django.test import Client

from tests.scene import Scene


@pytest.fixture
def ada(client: Client, scene: Scene) -> Client:
    """A browser in which Ada is logged in, who owns the scene's study."""
    client.force_login(scene.ada)
    return client
