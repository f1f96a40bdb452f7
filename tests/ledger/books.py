"""Ledgers, claims and answers for tests."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from smallchat.config.schema import BudgetSettings
from smallchat.ledger.claim import Booking, LaneClaim
from smallchat.ledger.ledger import Ledger
from smallchat.ledger.refusal import Refusal
from smallchat.metering.answer import Answer, Cost, CostState, Status
from smallchat.metering.usage import Usage


def budget(**fields: Any) -> BudgetSettings:
    """Return a budget; dollars may be given as text."""

    def read(value: Any, key: str) -> Any:
        if isinstance(value, dict):
            return {name: read(item, name) for name, item in value.items()}
        return (
            Decimal(value) if isinstance(value, str) and key not in ("on_exceed", "unknown_price") else value
        )

    return BudgetSettings.model_validate(read(fields, ""))


def claim(usd: str | None, model: str = "m", **fields: Any) -> LaneClaim:
    return LaneClaim(model, "host", None if usd is None else Decimal(usd), **fields)


def answer(
    usd: str | None, state: CostState = "exact", status: Status = "ok", usage: Usage | None = None
) -> Answer:
    """Return an answer that cost ``usd``; without, one that was turned away."""
    if usd is None and usage is None:
        return Answer("m", "host", "error", attempts=1, cost=Cost(None, "lower_bound"))
    cost = Cost(None if usd is None else Decimal(usd), state)
    return Answer("m", "host", status, attempts=1, usage=usage or Usage(1000, 100), cost=cost)


def admitted(result: tuple[Booking, ...] | Refusal) -> tuple[Booking, ...]:
    assert not isinstance(result, Refusal), result.sentence
    return result


def refused(result: tuple[Booking, ...] | Refusal) -> Refusal:
    assert isinstance(result, Refusal)
    return result


def at(text: str, zone: str) -> float:
    """Return the seconds since 1970 of a local time; ``text`` may end in an offset instead."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).timestamp()


def spend(ledger: Ledger, usd: str, model: str = "m", session: str = "") -> None:
    """Have an answer cost ``usd``, whatever the caps."""
    for booking in admitted(ledger.admit([claim(usd, model)], session, force=True)):
        ledger.settle(booking, answer(usd))


def query(data_dir: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(data_dir / "ledger.db")) as db:
        return db.execute(sql).fetchall()


class Clock:
    """A clock that tests set."""

    def __init__(self, now: float = 1_795_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


OpenLedger = Callable[..., Ledger]
