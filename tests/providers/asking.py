"""Ask an adapter one question and keep everything that came."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import TypeVar

from smallchat.config.keys import Secret
from smallchat.config.provider import Provider
from smallchat.metering.events import Event, Failed, Failure, Payload
from smallchat.metering.meter import Meter
from smallchat.providers.adapter import WireAdapter, build_adapter
from smallchat.providers.base import ChatRequest, Message, ProviderError
from tests.metering.folding import fold
from tests.servers.sse import SSEServer

CANARY = "sk-canary-d41d8cd98f00b204e9800998ecf8427e"
WIRES = ("openai", "anthropic")
E = TypeVar("E")


@dataclass
class Heard:
    """One attempt: its events, and its error if it failed."""

    events: list[Event] = field(default_factory=list)
    error: ProviderError | None = None

    @property
    def failure(self) -> Failure:
        assert self.error is not None
        return self.error.failure

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    def text(self, channel: str = "text") -> str:
        return "".join(event.text for event in self.of(Payload) if event.channel == channel)

    def meter(self) -> Meter:
        ending: list[Event] = [Failed(0, self.failure)] if self.error else []
        return fold([*self.events, *ending], len)


def provider_at(server: SSEServer, wire: str, **changes: object) -> Provider:
    """Return a provider named ``gateway`` at ``server``, with short limits."""
    url = server.anthropic_url if wire == "anthropic" else server.openai_url
    known: dict[str, object] = {
        "name": "gateway", "wire": wire, "client": wire, "base_url": url, "label": "Gateway",
        "key_env": "GATEWAY_KEY", "connect_timeout_s": 2.0, "idle_timeout_s": 5.0, "payload_timeout_s": 5.0,
    }  # fmt: skip
    return Provider(**{**known, **changes})  # type: ignore[arg-type]


@contextlib.asynccontextmanager
async def adapter_at(server: SSEServer, wire: str, **changes: object) -> AsyncGenerator[WireAdapter, None]:
    """Yield an adapter; when it is closed, so is every connection."""
    adapter = build_adapter(provider_at(server, wire, **changes), Secret(CANARY))
    try:
        yield adapter
    finally:
        await adapter.close()


def request(model: str = "m", text: str = "Hello", **more: object) -> ChatRequest:
    return ChatRequest(model, (Message("user", text),), **more)  # type: ignore[arg-type]


async def hear(adapter: WireAdapter, asked: ChatRequest) -> Heard:
    """Send one request and return what came."""
    heard = Heard()
    try:
        async with contextlib.aclosing(adapter.stream(asked)) as events:
            async for event in events:
                heard.events.append(event)
    except ProviderError as error:
        heard.error = error
    return heard
