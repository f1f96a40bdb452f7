from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from smallchat.catalog.catalog import Catalog
from smallchat.catalog.model import Model, Price, Rates
from smallchat.config.schema import RoutingSettings, Settings
from smallchat.routing.limits import Situation
from smallchat.routing.presets import Presets

PRICES = {
    "gpt-5.4-nano": Price(Rates(Decimal("0.20"), Decimal("1.25"))),
    "gpt-5.4-mini": Price(Rates(Decimal("0.75"), Decimal("4.50"))),
    "claude-haiku-4-5": Price(Rates(Decimal("1.00"), Decimal("5.00"))),
}


@pytest.fixture
def catalog() -> Catalog:
    return Catalog(Settings())


@pytest.fixture
def presets(catalog: Catalog) -> Presets:
    return Presets(RoutingSettings(), catalog)


@pytest.fixture
def situate() -> Callable[..., Situation]:
    def situate(tokens: int = 100, **changes: object) -> Situation:
        def price(model: Model) -> Price | None:
            return PRICES.get(model.name)

        known = {
            "today": date(2026, 11, 20),
            "max_output": 2048,
            "input_tokens": lambda model: tokens,
            "price": price,
        }
        return Situation(**{**known, **changes})

    return situate


def own_presets(catalog: Catalog, *rules: dict[str, object], **preset: object) -> Presets:
    table = {
        "candidates": ["gpt-5.4-nano", "gpt-5.4-mini", "claude-haiku-4-5"],
        "fallback": "gpt-5.4-mini",
        "rules": list(rules),
        **preset,
    }
    return Presets(RoutingSettings.model_validate({"default": "own", "presets": {"own": table}}), catalog)
