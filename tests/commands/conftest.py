from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from tests.servers.sse import SSEServer, serve


@pytest.fixture(autouse=True)
def no_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give commands an empty pipe: pytest's own standard input can not be read."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(), encoding="utf-8"))


@pytest.fixture(scope="module")
def server(request: pytest.FixtureRequest) -> Iterator[SSEServer]:
    """A server that answers with the ``SCRIPTS`` of the test's module."""
    with serve(scripts=request.module.SCRIPTS) as server:
        yield server
