"""The same adapters against somebody else's idea of a failing provider."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from llmock.scenarios import Fail, StreamFault
from llmock.testing import LLMockServer

from smallchat.config.keys import Secret
from smallchat.config.provider import Provider
from smallchat.providers.adapter import WireAdapter, build_adapter
from tests.providers.asking import WIRES, hear, request


@pytest.fixture(scope="module")
def mock() -> Iterator[LLMockServer]:
    with LLMockServer() as server:
        yield server


@pytest.fixture(params=WIRES)
async def adapter(mock: LLMockServer, request: pytest.FixtureRequest) -> AsyncIterator[WireAdapter]:
    wire = request.param
    mock.state.scenarios.clear()
    provider = Provider("mock", wire, wire, mock.base_url(wire), "Mock", idle_timeout_s=0.5)
    adapter = build_adapter(provider, Secret("llmock-test-key"))
    yield adapter
    await adapter.close()


MODEL = "gpt-4o-mini"


async def test_an_answer(adapter: WireAdapter) -> None:
    heard = await hear(adapter, request(MODEL))
    assert heard.meter().status == "ok"
    assert heard.text()
    usage = heard.meter().usage()
    assert usage is not None
    assert usage.source == "usage"


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, "bad_request"), (401, "auth"), (404, "not_found"), (429, "rate_limit"), (503, "overloaded")],
)
async def test_http_errors(mock: LLMockServer, adapter: WireAdapter, status: int, kind: str) -> None:
    mock.state.scenarios.add(Fail(status))
    assert (await hear(adapter, request(MODEL))).failure.kind == kind


@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [
        ("disconnect", "error", "connection"),
        ("truncate", "cut", "protocol"),
        ("malformed", "error", "protocol"),
        ("stall", "error", "timeout"),
    ],
)
async def test_broken_streams(
    mock: LLMockServer, adapter: WireAdapter, fault: str, status: str, kind: str
) -> None:
    mock.state.scenarios.add(StreamFault(kind=fault, after_chunks=5, stall_seconds=2.0))
    meter = (await hear(adapter, request(MODEL))).meter()
    assert meter.status == status
    assert meter.error is not None
    assert meter.error.kind == kind
    assert meter.text()
