"""Reads what was spent from the ledger, and writes nothing."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from smallchat.catalog.model import Price
from smallchat.ledger.file import open_for_reading
from smallchat.ledger.ledger import FILE_NAME
from smallchat.ledger.money import round_up, to_usd
from smallchat.ledger.report import By, Elsewhere, Group, Report, Spent
from smallchat.ledger.trouble import TROUBLE, LedgerTrouble, describe_trouble
from smallchat.metering.cost import Total, add, usd_of
from smallchat.metering.usage import Usage

RECENT_DAYS = 30
PACE_DAYS = 7
"""Days that the pace is taken from, today included: a week has every weekday once."""

_COUNTS = "input, cached, cache_write, cache_write_1h, output, reasoning"
_SUMS = ", ".join(f"coalesce(sum({name}), 0)" for name in _COUNTS.split(", "))


class _Sums(NamedTuple):
    """One line of a query: how sure the costs are, how many there are, and their sums."""

    state: str
    number: int
    nano: int
    counts: list[int]


class SpendReader:
    """Reads the ledger of one data directory; use it in a ``with`` statement. Writes nothing."""

    def __init__(self, data_dir: Path, clock: Callable[[], float] = time.time) -> None:
        """Open the ledger; without one, nothing was spent.

        Raises:
            LedgerTrouble: It can not be read.
        """
        self._path = data_dir / FILE_NAME
        now = time.localtime(clock())
        self._today = date(now.tm_year, now.tm_mon, now.tm_mday)
        self._first = self._today - timedelta(days=RECENT_DAYS - 1)
        self._db: sqlite3.Connection | None = None
        if self._path.exists() and self._path.stat().st_size:  # empty while it is being made
            try:
                self._db = open_for_reading(self._path)
            except TROUBLE as error:
                raise LedgerTrouble(describe_trouble(error, self._path)) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._db is not None:
            self._db.close()

    def report(self, by: By = "model") -> Report:
        """Return what was spent, today, this month and in the last 30 days, these also ``by`` something.

        Raises:
            LedgerTrouble: The ledger can not be read.
        """
        today, first, month = self._today, self._first, self._today.replace(day=1)
        per_day = self._sums_by("day", min(first, month))
        days = tuple(
            (day, _sum_up(per_day.get(day.isoformat(), ())).total.usd)
            for day in (first + timedelta(days=number) for number in range(RECENT_DAYS))
        )
        oldest = self._oldest()
        pace_days = min(PACE_DAYS, (today - oldest).days + 1) if oldest and oldest <= today else 1
        pace = add(*(usd for _, usd in days[-pace_days:])) * RECENT_DAYS / pace_days
        groups = [Group(name, _sum_up(rows)) for name, rows in self._sums_by(by, first).items()]
        groups.sort(key=lambda group: group.name, reverse=True)
        if by != "day":
            groups.sort(key=lambda group: group.spent.total.usd, reverse=True)

        def spent_since(since: date) -> Spent:
            return _sum_up(
                [row for name, rows in per_day.items() if name >= since.isoformat() for row in rows]
            )

        return Report(
            today=today,
            spent_today=spent_since(today),
            spent_month=spent_since(month),
            spent_recent=spent_since(first),
            days=days,
            pace_days=pace_days,
            pace=round_up(pace),
            by=by,
            groups=tuple(groups),
            reserved=to_usd(
                sum(nano for (nano,) in self._query("SELECT nano FROM reservations WHERE nano > 0"))
            ),
        )

    def elsewhere(self, prices: Mapping[str, Price]) -> tuple[Elsewhere, ...]:
        """Return what the same counts of tokens would have cost in the last 30 days, cheapest first.

        Every answer's tokens count, also of those that nobody has a price for. Another model would have made
        other counts of the same texts; cached tokens cost what the model's cache costs, if it has one.

        Args:
            prices: What the models to compare with cost, by name.

        Raises:
            LedgerTrouble: The ledger can not be read.
        """
        steps = sorted({step.above for price in prices.values() for step in price.steps})
        used = self._tokens_by_step(steps)
        found = [
            Elsewhere(
                name,
                price,
                usd=add(*(usd_of(usage, Price(price.rates_for(start))) for start, usage in used)),
                batch_usd=add(*(usd_of(usage, Price(price.batch)) for _, usage in used))
                if price.batch
                else None,
            )
            for name, price in prices.items()
        ]
        return tuple(sorted(found, key=lambda other: (other.usd, other.model)))

    def _tokens_by_step(self, steps: list[int]) -> list[tuple[int, Usage]]:
        """Return the tokens used, by the largest of ``steps`` that the request's input was above.

        A price holds for whole requests, so sums cost what their requests cost, within one step.
        """
        number = " + ".join(["0", *("(input > ?)" for _ in steps)])
        rows = self._query(
            f"SELECT {number} AS step, {_SUMS} FROM charges"
            " WHERE day >= ? AND day <= ? AND input IS NOT NULL GROUP BY step",
            (*steps, self._first.isoformat(), self._today.isoformat()),
        )
        starts = [0, *(above + 1 for above in steps)]
        return [(starts[step], _usage(counts)) for step, *counts in rows]

    def _sums_by(self, by: By, since: date) -> dict[str, list[_Sums]]:
        """Return the sums of each state since a day, by the names of what they are grouped by."""
        rows = self._query(
            f"SELECT {by}, state, count(*), coalesce(sum(nano), 0), {_SUMS} FROM charges"
            f" WHERE day >= ? AND day <= ? GROUP BY {by}, state",
            (since.isoformat(), self._today.isoformat()),
        )
        named: dict[str, list[_Sums]] = {}
        for name, state, number, nano, *counts in rows:
            named.setdefault(name, []).append(_Sums(state, number, nano, counts))
        return named

    def _oldest(self) -> date | None:
        rows = self._query("SELECT min(day) FROM charges")
        return date.fromisoformat(rows[0][0]) if rows and rows[0][0] else None

    def _query(self, sql: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        if self._db is None:
            return []
        try:
            with closing(self._db.execute(sql, values)) as cursor:
                return cursor.fetchall()
        except TROUBLE as error:
            raise LedgerTrouble(describe_trouble(error, self._path)) from error


def _sum_up(rows: Sequence[_Sums]) -> Spent:
    def usd(state: str) -> Decimal:
        return to_usd(sum(row.nano for row in rows if row.state == state))

    def number(state: str) -> int:
        return sum(row.number for row in rows if row.state == state)

    return Spent(
        Total(usd("exact"), usd("estimate"), usd("lower_bound"), number("no_price"), number("lost")),
        answers=sum(row.number for row in rows) - number("lost"),
        tokens=_usage([sum(column) for column in zip([0] * 6, *(row.counts for row in rows), strict=True)]),
    )


def _usage(counts: list[int]) -> Usage:
    given, cached, cache_write, cache_write_1h, output, reasoning = counts
    return Usage(given, output, cached, cache_write, cache_write_1h, reasoning)
