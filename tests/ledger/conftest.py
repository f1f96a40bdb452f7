from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from smallchat.ledger.ledger import Ledger
from tests.ledger.books import OpenLedger, budget


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def open_ledger(data_dir: Path) -> Iterator[OpenLedger]:
    """Open ledgers with the caps given, all of one data directory; each is as good as another process."""
    ledgers: list[Ledger] = []

    def open_(clock: Callable[[], float] = time.time, on_trouble: Any = None, **caps: Any) -> Ledger:
        options = {"on_trouble": on_trouble} if on_trouble else {}
        ledgers.append(Ledger(data_dir, budget(**caps), clock=clock, **options))
        return ledgers[-1]

    yield open_
    for ledger in ledgers:
        ledger.close()


@pytest.fixture
def set_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Move the process to another time zone."""

    def set_(zone: str) -> None:
        monkeypatch.setenv("TZ", zone)
        time.tzset()

    yield set_
    monkeypatch.undo()
    time.tzset()
