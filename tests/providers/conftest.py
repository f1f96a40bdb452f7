from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers.script import Script
from tests.servers.sse import SSEServer, serve


@pytest.fixture
def server() -> Iterator[SSEServer]:
    """A server whose every connection must be closed in the end."""
    with serve(Script(tokens=10)) as server:
        yield server
        assert server.wait_until(lambda server: server.open_connections == 0), "a connection is still open"
