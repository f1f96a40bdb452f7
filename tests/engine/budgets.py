"""Orders whose worst case is known, for tests under a budget."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from smallchat.config.errors import ConfigError
from smallchat.engine.order import Lane, Order
from smallchat.providers.base import Message
from tests.engine.fakes import model

# Seven tokens of every request at $1 and up to 100 of output at $5, per million.
WORST = Decimal("0.000507")


class FakeProviders:
    wire = "openai"

    def get(self, name: str) -> FakeProviders:
        if name == "nobody":
            raise ConfigError("Unknown provider")
        return self


def order(*names: str, **fields: Any) -> Order:
    return Order(
        tuple(Lane(model(name), (Message("user", "hi"),), max_output=100) for name in names), **fields
    )
