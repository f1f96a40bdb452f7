from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from smallchat.sessions.store import Store


@pytest.fixture
def troubles() -> list[str]:
    """What the store had to say to its user."""
    return []


@pytest.fixture
def store(tmp_path: Path, troubles: list[str]) -> Iterator[Store]:
    store = Store.open(tmp_path / "data", troubles.append)
    yield store
    store.close()
    assert troubles == []
