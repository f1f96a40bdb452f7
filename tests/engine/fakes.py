"""Stand-ins for what is outside the engine: adapters that follow a script, a clock that tests set."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from smallchat.catalog.model import Model, Price, Rates
from smallchat.engine.services import Services
from smallchat.metering.events import Connected, Event, Failure, Finished, Payload, StreamEnded, UsageReported
from smallchat.metering.usage import Usage
from smallchat.providers.base import ChatRequest, ProviderError

PRICE = Price(Rates(Decimal(1), Decimal(5)), as_of=date(2026, 11, 20), source="config")
OVERLOADED = ProviderError(Failure("overloaded", "Too busy."), retryable=True)

Step = Event | BaseException | asyncio.Event | Callable[[], Any]


def model(name: str = "m", **fields: Any) -> Model:
    return Model(name, fields.pop("provider", f"{name}-host"), f"{name}-wire", name.upper(), **fields)


def answer_events(*texts: str, usage: Usage | None = None) -> list[Step]:
    """A whole good answer."""
    payloads = [Payload(10 * i, "text", text) for i, text in enumerate(texts, start=1)]
    reports = [UsageReported(900, usage)] if usage else []
    return [Connected(1), *payloads, Finished(900, "stop", "ok"), *reports, StreamEnded(1000, True)]


class FakeAdapter:
    """Plays one script per request: yields events, raises errors, waits for asyncio events, or calls."""

    def __init__(self, *scripts: Sequence[Step], warm: Sequence[Step] = ()) -> None:
        self.scripts = list(scripts)
        self.warm_script = warm
        self.requests: list[ChatRequest] = []
        self.open = 0
        self.closed = False
        self.streaming = threading.Event()

    async def warm(self) -> None:
        async for _ in self._play(self.warm_script):
            pass

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Event, None]:
        self.requests.append(request)
        self.open += 1
        try:
            async for event in self._play(self.scripts.pop(0)):
                yield event
        finally:
            self.open -= 1

    async def _play(self, script: Sequence[Step]) -> AsyncGenerator[Event, None]:
        for step in script:
            if isinstance(step, BaseException):
                raise step
            if isinstance(step, asyncio.Event):
                self.streaming.set()
                await step.wait()
            elif callable(step):
                step()
            else:
                yield step

    async def close(self) -> None:
        self.closed = True


class FakeAdapters:
    """Finds the adapter by the model's name; an error in its place is raised."""

    def __init__(self, adapters: dict[str, FakeAdapter | BaseException]) -> None:
        self.adapters = adapters
        self.closed = False

    def adapter_for(self, model: Model) -> FakeAdapter:
        adapter = self.adapters[model.name]
        if isinstance(adapter, BaseException):
            raise adapter
        return adapter

    async def close(self) -> None:
        self.closed = True


class FakePrices:
    def load(self) -> None:
        pass

    def price(self, model: Model) -> Price | None:
        return PRICE


class FakeTokens:
    """A word is a token; every request has seven."""

    def __init__(self) -> None:
        self.learned: list[tuple[str, str, int]] = []

    def load(self) -> None:
        pass

    def count(self, model: Model, text: str) -> int:
        return len(text.split())

    def estimate_request(self, model: Model, system: str, texts: Sequence[str], images: int = 0) -> int:
        return 7

    def learn(self, model: Model, text: str, tokens: int) -> None:
        self.learned.append((model.name, text, tokens))


def fake_services() -> Services:
    nothing: Any = None
    prices: Any = FakePrices()
    tokens: Any = FakeTokens()
    return Services(nothing, nothing, prices, tokens, nothing, Path())
