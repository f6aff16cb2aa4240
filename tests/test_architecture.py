"""What holds everywhere: policies, a core without Django, complete migrations."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.contrib.admindocs.views import extract_views_from_urlpatterns
from django.core.management import call_command
from django.urls import get_resolver


def test_every_view_of_ours_states_its_policy() -> None:
    views = extract_views_from_urlpatterns(get_resolver().url_patterns)
    ours = [v[0] for v in views if v[0].__module__.startswith("listening")]
    assert ours
    assert [v.__name__ for v in ours if not hasattr(v, "policy")] == []


@pytest.mark.parametrize("core", ["enhancement.systems", "listening.statistics"])
def test_the_core_loads_without_django(core: str) -> None:
    code = f"import sys, {core}; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_what_is_deployed_is_pinned_with_hashes_and_names_no_address() -> None:
    project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    wanted = {
        re.split(r"[\[~<>=]", line)[0]
        for line in project["dependencies"]
        + project["optional-dependencies"]["postgresql"]
        + project["optional-dependencies"]["redis"]
    }
    lock = Path("requirements.lock").read_text()
    pinned = re.findall(
        r"^([\w.-]+)(?:\[\w+\])?==\S+(?: ;.*?)? \\$", lock, re.MULTILINE
    )
    assert wanted - set(pinned) == set()
    assert "http" not in lock
