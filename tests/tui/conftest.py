from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.tui.fakes import Stage


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """Close what a stage has loaded: hundreds of open stores are more files than a process may have."""
    yield
    while Stage.loaded:
        Stage.loaded.pop().close()


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pin what would differ from one run to the next."""
    for name in ("NO_COLOR", "COLORTERM", "TEXTUAL_ANIMATIONS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")  # which tells the number of colours
