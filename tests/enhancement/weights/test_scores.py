"""Scores are kept for the very weights that they are about."""

from pathlib import Path

import pytest

from enhancement.weights import WeightsError
from enhancement.weights.scores import NAME, scores_of, updated, write


def test_what_is_kept_is_found_by_slug_and_hash(tmp_path: Path) -> None:
    row = {"weights_sha256": "abc", "updated": 0.6, "cells": []}
    write("a corpus", {"net": row}, tmp_path)
    assert scores_of("net", "abc", tmp_path) == row
    assert updated("net", "abc", tmp_path) == 0.6


@pytest.mark.parametrize(("slug", "sha256"), [("net", "other"), ("other", "abc")])
def test_scores_of_other_weights_are_not_shown(
    tmp_path: Path, slug: str, sha256: str
) -> None:
    write("a corpus", {"net": {"weights_sha256": "abc", "updated": 0.6}}, tmp_path)
    assert updated(slug, sha256, tmp_path) is None


def test_without_a_table_nothing_is_known(tmp_path: Path) -> None:
    assert updated("net", "abc", tmp_path) is None


@pytest.mark.parametrize("text", ["", "[]", '{"systems": 3}'])
def test_a_broken_table_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / NAME).write_text(text)
    with pytest.raises(WeightsError, match=r"scores\.json: not a table of scores"):
        updated("net", "abc", tmp_path)
