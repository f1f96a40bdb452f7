"""Dollars as the ledger keeps them: whole nano-dollars.

Everything is exact but the last step, which goes against the user's budget, never in its favour: what may be
or was spent is rounded up to the next nano-dollar. One of them buys a token at a tenth of a cent per million.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Context, Decimal

NANO = Decimal("1e-9")

MOST_USD = Decimal(1_000_000)
"""The largest amount of one row: a reply may claim any count of tokens, SQLite's integers end somewhere."""

_UP = Context(prec=60, rounding=ROUND_CEILING)


def round_up(usd: Decimal) -> Decimal:
    """Return ``usd`` in whole nano-dollars, a fraction counted as a whole one, a million dollars at most."""
    return min(usd, MOST_USD).quantize(NANO, context=_UP)


def to_nano(usd: Decimal) -> int:
    """Return ``usd`` as a number of nano-dollars, rounded up."""
    return int(round_up(usd).scaleb(9, _UP))


def to_usd(nano: int) -> Decimal:
    """Return ``nano`` nano-dollars in US dollars, exactly."""
    return Decimal(nano).scaleb(-9, _UP)
