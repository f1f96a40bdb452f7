"""Stopping closes the connection at once; warming opens one that the request then uses."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from smallchat.metering.events import Payload
from tests.providers.asking import WIRES, adapter_at, hear, request
from tests.servers.script import Script
from tests.servers.sse import SSEServer

ENDLESS = Script(tokens_per_s=50, tokens=100_000)


def is_gone(server: SSEServer) -> bool:
    return server.chats[-1].ended == "gone"


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("model", ["m", "fault-silent", "fault-stall"])
async def test_a_cancelled_task_leaves_no_connection(server: SSEServer, wire: str, model: str) -> None:
    server.scripts["m"] = ENDLESS
    async with adapter_at(server, wire) as adapter:
        task = asyncio.create_task(hear(adapter, request(model)))
        assert await asyncio.to_thread(server.wait_until, lambda server: server.chats)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(server.wait_until, is_gone)


@pytest.mark.parametrize("wire", WIRES)
async def test_a_closed_generator_leaves_no_connection(server: SSEServer, wire: str) -> None:
    server.scripts["m"] = ENDLESS
    async with adapter_at(server, wire) as adapter:
        async with contextlib.aclosing(adapter.stream(request())) as events:
            async for event in events:
                if isinstance(event, Payload):
                    break
        assert await asyncio.to_thread(server.wait_until, is_gone)
        assert (await hear(adapter, request("other"))).meter().status == "ok"


@pytest.mark.parametrize("wire", WIRES)
async def test_requests_go_over_the_connections_that_were_warmed_for_them(
    server: SSEServer, wire: str
) -> None:
    async with adapter_at(server, wire) as adapter:
        await asyncio.gather(adapter.warm(), adapter.warm())
        warmed = {seen.connection for seen in server.requests}
        await asyncio.gather(hear(adapter, request()), hear(adapter, request()))
    assert len(warmed) == 2
    assert {seen.connection for seen in server.chats} == warmed


@pytest.mark.parametrize("wire", WIRES)
async def test_warming_sends_no_key_and_asks_for_nothing(server: SSEServer, wire: str) -> None:
    async with adapter_at(server, wire) as adapter:
        await adapter.warm()
    (seen,) = server.requests
    assert seen.method == "HEAD"
    assert not {"authorization", "x-api-key", "api-key"} & set(seen.headers)


@pytest.mark.parametrize("wire", WIRES)
async def test_warming_never_raises(server: SSEServer, wire: str) -> None:
    for url in ("http://127.0.0.1:9/v1", "https://127.0.0.1:9", "http://[::1", "ftp://x"):
        async with adapter_at(server, wire, base_url=url) as adapter:
            await adapter.warm()
