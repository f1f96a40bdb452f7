"""Prices: what the config states, then the data of genai-prices. Unknown is ``None``, never 0."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from smallchat.catalog.model import Model, Price, PriceStep, Rates
from smallchat.config.defaults import LOCAL
from smallchat.config.errors import ConfigError

if TYPE_CHECKING:
    from genai_prices.data_snapshot import DataSnapshot
    from genai_prices.types import ModelInfo, ModelPrice, Tier

    from smallchat.config.provider import Providers

GENAI_IDS = {
    "openai": "openai",
    "anthropic": "anthropic",
    "azure": "azure",
    "bedrock": "aws",
    "vertex": "google",
    "groq": "groq",
    "together": "together",
    "fireworks": "fireworks",
    "mistral": "mistral",
    "openrouter": "openrouter",
}
"""The providers with a price list, by their names here, and their names in genai-prices."""

FREE = Price(base=Rates(*[Decimal(0)] * 5), source="local")
"""The price of a model that smallchat runs itself."""

_RATE_KEYS = {
    "input": "input_mtok",
    "output": "output_mtok",
    "cached_input": "cache_read_mtok",
    "cache_write": "cache_write_mtok",
    "cache_write_1h": "cache_write_1h_mtok",
}
_REQUEST_FEE = "requests_kcount"
_BATCH = {"processing": "batch"}
_CHECKED = re.compile(
    r"\b(?:checked|verified|as of)\b[^.;]{0,24}?(20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8]))\b"
)


class PriceBook:
    """Finds the price of a model at the provider that serves it.

    The data is imported at first use, which takes 0.2 s: ``load`` does it ahead, in a thread.
    """

    def __init__(self, providers: Providers) -> None:
        """Look prices up only for those of ``providers`` that are at their own address.

        A known name with another base URL is a gateway, with prices of its own.
        """
        self._providers = providers
        self._data: DataSnapshot | None = None
        self._as_of: date | None = None

    @property
    def loaded(self) -> bool:
        """Whether the data is imported, so that ``price`` is quick."""
        return self._data is not None

    def load(self) -> None:
        """Import the data. Idempotent, may be called from any thread."""
        self._load()

    def price(self, model: Model, now: datetime | None = None) -> Price | None:
        """Return what ``model`` costs at ``now`` (with a time zone; the present by default), or ``None``.

        A price stated in the config wins rate by rate. What it leaves out, such as cache rates and the
        steps of long prompts, stays as the provider's list has it.
        """
        listed = FREE if model.provider == LOCAL else self._look_up(model, now or datetime.now(UTC))
        if model.price is None:
            return listed
        if listed is None:
            return model.price
        return replace(
            listed, base=_merge(model.price.base, listed.base), as_of=model.price.as_of, source="config"
        )

    def list_prices(self, models: Iterable[Model]) -> dict[str, Price]:
        """Return the price of each of ``models`` that has one and is still served, by name."""
        today = date.today()
        served = [model for model in models if not model.is_retired(today)]
        return {model.name: price for model in served if (price := self.price(model)) is not None}

    def _look_up(self, model: Model, now: datetime) -> Price | None:
        provider = GENAI_IDS.get(model.provider)
        if provider is None or not self._is_at_home(model.provider):
            return None
        data = self._load()
        try:
            _, found = data.find_provider_model(model.wire_id, None, provider, None)
        except LookupError:
            return None
        return _convert(found, now, self._as_of)

    def _is_at_home(self, provider: str) -> bool:
        try:
            return self._providers.get(provider).is_known_url
        except ConfigError:
            return False

    def _load(self) -> DataSnapshot:
        if self._data is None:
            from genai_prices.data_snapshot import get_snapshot

            data = get_snapshot()
            self._as_of = _last_check(data)
            self._data = data
        return self._data


def _merge(stated: Rates, listed: Rates) -> Rates:
    def first(a: Decimal | None, b: Decimal | None) -> Decimal | None:
        return b if a is None else a

    return Rates(
        input=stated.input,
        output=stated.output,
        cached_input=first(stated.cached_input, listed.cached_input),
        cache_write=first(stated.cache_write, listed.cache_write),
        cache_write_1h=first(stated.cache_write_1h, listed.cache_write_1h),
    )


def _convert(found: ModelInfo, now: datetime, as_of: date | None) -> Price | None:
    prices = found.get_prices(now)
    base = _rates_at(prices, 0)
    # A fee per request does not fit into rates per token: half a price is none.
    if base is None or vars(prices).get(_REQUEST_FEE):
        return None
    starts = {tier.start for key in _RATE_KEYS.values() for tier in _tiers(prices, key)}
    steps = ((start, _rates_at(prices, start + 1)) for start in sorted(starts))
    batch = found.get_prices(now, _BATCH)
    return Price(
        base=base,
        steps=tuple(PriceStep(start, rates) for start, rates in steps if rates is not None),
        as_of=as_of,
        source="genai-prices",
        batch=None if batch == prices else _rates_at(batch, 0),
    )


def _rates_at(prices: ModelPrice, input_tokens: int) -> Rates | None:
    """Return the rates of a request with so many tokens of input; ``None`` without input or output price."""
    rates = {name: _rate_at(prices, key, input_tokens) for name, key in _RATE_KEYS.items()}
    given, generated = rates.pop("input"), rates.pop("output")
    return None if given is None or generated is None else Rates(input=given, output=generated, **rates)


def _rate_at(prices: ModelPrice, key: str, input_tokens: int) -> Decimal | None:
    value = vars(prices).get(key)
    rate: Decimal | None = getattr(value, "base", value)
    for tier in _tiers(prices, key):
        if input_tokens > tier.start:
            rate = tier.price
    return rate


def _tiers(prices: ModelPrice, key: str) -> list[Tier]:
    tiers: list[Tier] = getattr(vars(prices).get(key), "tiers", [])
    return tiers


def _last_check(data: DataSnapshot) -> date | None:
    """Return the last day on which, by its own comments, some price of ``data`` was checked.

    The data names no day of its own, and prices that did not change get no comment: this day is certain.
    """
    comments = (model.price_comments or "" for provider in data.providers for model in provider.models)
    days = (day for comment in comments for day in _CHECKED.findall(comment))
    newest = max(days, default=None)
    return None if newest is None else date.fromisoformat(newest)
