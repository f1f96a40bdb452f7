"""What was spent: the values that a report is made of. All money is in US dollars."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from smallchat.catalog.model import Price
from smallchat.metering.cost import Total
from smallchat.metering.usage import Usage

By = Literal["model", "day", "session"]


@dataclass(frozen=True, slots=True)
class Spent:
    """What some answers cost and used.

    Attributes:
        total: The cost, its exact, estimated and lower-bound parts apart, and the answers without a price.
            Those of a smallchat that was killed are lost: what they cost nobody knows.
        answers: How many there were, without the lost ones.
        tokens: What they used, as far as it is known.
    """

    total: Total = field(default_factory=Total)
    answers: int = 0
    tokens: Usage = field(default_factory=lambda: Usage(0, 0))


@dataclass(frozen=True, slots=True)
class Group:
    """What was spent on one model, on one day or in one session; ``name`` says which."""

    name: str
    spent: Spent


@dataclass(frozen=True, slots=True)
class Report:
    """What was spent lately, in local days.

    Attributes:
        today: The day of the report.
        spent_today: Spent today.
        spent_month: Spent in this calendar month.
        spent_recent: Spent in the last 30 days, today included.
        days: The last 30 days, oldest first, each in US dollars.
        pace_days: Days that the pace is taken from: the last 7, fewer when the ledger is younger.
        pace: US dollars that 30 days cost at the pace of those days.
        by: What ``groups`` are.
        groups: The last 30 days by model or session, dearest first, or by day, newest first.
        reserved: US dollars set aside for answers that still run.
    """

    today: date
    spent_today: Spent
    spent_month: Spent
    spent_recent: Spent
    days: tuple[tuple[date, Decimal], ...]
    pace_days: int
    pace: Decimal
    by: By
    groups: tuple[Group, ...]
    reserved: Decimal


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What the tokens of the last 30 days would have cost on another model, in US dollars.

    Attributes:
        model: The model's name.
        price: Its price.
        usd: The cost at its price.
        batch_usd: The cost through its provider's batch service; ``None`` where there is none.
    """

    model: str
    price: Price
    usd: Decimal
    batch_usd: Decimal | None
