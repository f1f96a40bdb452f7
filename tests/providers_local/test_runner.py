from __future__ import annotations

import os
from pathlib import Path

import pytest

from smallchat.providers.local import runner


@pytest.mark.parametrize(
    ("cores", "quota", "threads"),
    [(1, None, 1), (2, None, 1), (4, None, 3), (8, None, 4), (16, None, 8), (64, 2, 1)],
)
def test_one_core_stays_free_and_a_containers_quota_counts(
    cores: int, quota: int | None, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(cores)), raising=False)
    monkeypatch.setattr(runner, "_quota_of_container", lambda: quota)
    assert runner.count_threads() == threads


def test_the_child_imports_nothing_of_smallchat() -> None:
    assert "smallchat" not in Path(runner.__file__).read_text(encoding="utf-8").split('"""', 2)[2]
