"""What a request needs before its clock may start: adapter, price, estimates. Slow, so in threads beside."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from smallchat.config.errors import ConfigError
from smallchat.engine import validation
from smallchat.metering.events import Failure
from smallchat.providers.base import Adapter, ProviderError

if TYPE_CHECKING:
    from smallchat.catalog.model import Model, Price
    from smallchat.engine.order import Lane
    from smallchat.engine.services import Services


class AdapterSource(Protocol):
    """Gives the adapter that speaks to a model's provider."""

    def adapter_for(self, model: Model) -> Adapter:
        """Return the adapter, the same one each time. Called in any thread; may run a key command there.

        Raises:
            ConfigError: There is no such provider, or its key can not be had.
            ProviderError: There is no key.
        """

    async def close(self) -> None:
        """Close every adapter and end every local server."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """One lane, ready to leave but for its connection."""

    adapter: Adapter
    price: Price | None
    input_estimate: int


class Preparer:
    """Prepares lanes. Prices and the tokenizer are loaded here too, and so before any clock starts."""

    def __init__(self, services: Services, adapters: AdapterSource) -> None:
        self._services = services
        self._adapters = adapters

    async def prepare(self, lane: Lane) -> Prepared:
        """Return what ``lane`` needs; its adapter is not warm yet.

        Raises:
            ProviderError: There is no adapter for its model.
        """
        return await asyncio.to_thread(self._prepare, lane)

    async def warm(self, model: Model) -> None:
        """Do all that can be done for ``model`` before there is a prompt. Errors wait for the prompt."""
        try:
            adapter = await asyncio.to_thread(self._load, model)
            await adapter.warm()
        except ProviderError:
            pass

    def _prepare(self, lane: Lane) -> Prepared:
        adapter = self._load(lane.model)
        if lane.schema is not None:
            validation.load()
        return Prepared(
            adapter=adapter,
            price=self._services.prices.price(lane.model),
            input_estimate=lane.estimate_input(self._services.tokens),
        )

    def _load(self, model: Model) -> Adapter:
        adapter = self._find_adapter(model)
        self._services.prices.load()
        self._services.tokens.load()
        return adapter

    def _find_adapter(self, model: Model) -> Adapter:
        try:
            return self._adapters.adapter_for(model)
        except ConfigError as error:
            raise ProviderError(Failure("no_key", str(error))) from None
