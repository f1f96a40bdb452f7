"""Whatever bytes a server sends: text, an ending or one error, never anything else."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smallchat.config.keys import Secret
from smallchat.metering.events import StreamEnded
from smallchat.providers.adapter import build_adapter
from tests.providers.asking import Heard, hear, provider_at, request
from tests.servers.script import Script
from tests.servers.sse import serve

CRAFTED = rb"""
data:
event: content_block_delta
event: error
event: message_start
event: message_delta
event: content_block_start
data: [DONE]
data: null
data: []
data: {}
data: 7
data: "x"
data: {"choices":[{"delta":{"content":"a"}}]}
data: {"choices":[{"delta":{"content":7}}]}
data: {"choices":[{"delta":{"content":"\ud800"},"finish_reason":"stop"}]}
data: {"choices":{"a":1}}
data: {"choices":[null]}
data: {"error":[]}
data: {"error":{"code":[],"message":{}}}
data: {"choices":[{"delta":{"tool_calls":[{"function":{"arguments":[1]}}]}}]}
data: {"choices":[],"usage":{"prompt_tokens":-1,"completion_tokens":"x"},"timings":[1]}
data: {"choices":[],"usage":{"prompt_tokens":1},"timings":{"\ud800":1e999}}
data: {"model":7,"choices":[]}
data: {"choices":[{"finish_reason":[],"delta":{}}]}
data: {"type":"content_block_delta","delta":{"type":"text_delta","text":"a"}}
data: {"type":"content_block_delta","delta":{"type":"text_delta","text":[1]}}
data: {"type":"content_block_delta","delta":{"type":"text_delta"}}
data: {"type":"content_block_start","content_block":null}
data: {"type":"message_start","message":{"usage":{"input_tokens":"x"}}}
data: {"type":"message_start","message":{"model":[1],"usage":{"input_tokens":1}}}
data: {"type":"message_delta","delta":null,"usage":null}
data: {"type":"message_delta","delta":{"stop_reason":{}},"usage":7}
{
<html>
"""
lines = st.sampled_from(CRAFTED.strip().splitlines())
pieces = st.binary(max_size=60) | lines.flatmap(
    lambda line: st.sampled_from([line, line + b"\n", line + b"\n\n", b"\r\n"])
)


class Shared:
    """One server, one loop and two adapters for all examples."""

    def __init__(self) -> None:
        self._serving = serve()
        self._server = self._serving.__enter__()
        self._loop = asyncio.new_event_loop()
        self._adapters = {
            wire: build_adapter(provider_at(self._server, wire), Secret("sk-canary-123456"))
            for wire in ("openai", "anthropic")
        }

    def hear(self, wire: str, raw: tuple[bytes, ...]) -> Heard:
        self._server.scripts["raw"] = Script(raw=raw)
        return self._loop.run_until_complete(hear(self._adapters[wire], request("raw")))

    def close(self) -> None:
        for adapter in self._adapters.values():
            self._loop.run_until_complete(adapter.close())
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()
        self._serving.__exit__(None, None, None)


@pytest.fixture(scope="module")
def shared() -> Iterator[Shared]:
    shared = Shared()
    yield shared
    shared.close()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(pieces, max_size=8), st.sampled_from(["openai", "anthropic"]))
def test_any_bytes_end_in_one_way(shared: Shared, chunks: list[bytes], wire: str) -> None:
    heard = shared.hear(wire, tuple(chunk for chunk in chunks if chunk))
    if heard.error is None:
        assert isinstance(heard.events[-1], StreamEnded)
    else:
        assert heard.failure.kind in ("protocol", "server", "overloaded", "bad_request", "content")
    assert heard.meter().status is not None
    heard.text().encode("utf-8")
