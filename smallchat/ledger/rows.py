"""The ledger's statements. All but ``read_needs`` belong into a write transaction."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from smallchat.ledger.caps import ALL, Cap, Need
from smallchat.ledger.claim import ZERO, Booking, LaneClaim
from smallchat.ledger.money import to_nano, to_usd

if TYPE_CHECKING:
    from smallchat.metering.answer import Answer

MOST_TOKENS = 10**12
"""Of one charge. A reply may claim any number, which SQLite could not add up: more is not believed."""

IsAlive = Callable[[str], bool]


def owners_gone(db: sqlite3.Connection, is_alive: IsAlive) -> list[str]:
    """Return the owners of reservations whose process has ended."""
    owners = [row[0] for row in db.execute("SELECT DISTINCT owner FROM reservations")]
    return [owner for owner in owners if not is_alive(owner)]


def free_reservations(db: sqlite3.Connection, owners: Iterable[str]) -> None:
    """Free what ``owners`` have left behind.

    What those answers cost nobody knows any more: they are remembered as lost, without an amount.
    """
    for owner in owners:
        db.execute(
            "INSERT OR IGNORE INTO charges"
            " (id, began, day, session, model, provider, status, state, reserved, forced, attempts)"
            " SELECT id, began, day, session, model, provider, 'lost', 'lost', nano, forced, 0"
            " FROM reservations WHERE owner = ?",
            (owner,),
        )
        db.execute("DELETE FROM reservations WHERE owner = ?", (owner,))


def read_needs(
    db: sqlite3.Connection,
    caps: Sequence[Cap],
    claims: Sequence[LaneClaim],
    session: str,
    day: str,
    gone: Iterable[str] = (),
) -> tuple[Need, ...]:
    """Return how ``claims`` stand to each of ``caps``, without the reservations of the owners in ``gone``."""
    gone = set(gone)
    periods = {"session": f"session {session}", "day": f"day {day}", "month": f"month {day[:7]}"}
    running = [
        (model, {f"session {its_session}", f"day {its_day}", f"month {its_day[:7]}"}, nano)
        for owner, model, its_session, its_day, nano in db.execute(
            "SELECT owner, model, session, day, nano FROM reservations WHERE nano > 0"
        )
        if owner not in gone
    ]
    needs = []
    for cap in caps:
        settled = reserved = 0
        if (period := periods.get(cap.period)) is not None:
            row = db.execute(
                "SELECT nano FROM totals WHERE period = ? AND model = ?", (period, cap.model)
            ).fetchone()
            settled = row[0] if row else 0
            reserved = sum(
                nano for model, its, nano in running if cap.model in (ALL, model) and period in its
            )
        needs.append(Need(cap, to_usd(settled), to_usd(reserved), cap.needed(claims)))
    return tuple(needs)


def insert_reservations(db: sqlite3.Connection, owner: str, bookings: Iterable[Booking]) -> None:
    """Set money aside."""
    db.executemany(
        "INSERT INTO reservations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                booking.id,
                owner,
                os.getpid(),
                booking.began,
                booking.day,
                booking.session,
                booking.claim.model,
                booking.claim.provider,
                _nano(booking.claim.worst_usd),
                booking.forced,
            )
            for booking in bookings
        ],
    )


def settle(db: sqlite3.Connection, booking: Booking, answer: Answer) -> None:
    """Free the reservation and book what ``answer`` cost, if that is not done yet.

    An answer without usage was never sent, or was turned away unanswered: it costs nothing.
    """
    db.execute("DELETE FROM reservations WHERE id = ?", (booking.id,))
    db.execute("DELETE FROM charges WHERE id = ? AND state = 'lost'", (booking.id,))
    usage = answer.usage
    if usage is None and not answer.cost.usd:
        return
    counts: tuple[int | None, ...] = (None,) * 6
    if usage is not None and max(usage.input, usage.output) <= MOST_TOKENS:
        counts = (
            usage.input,
            usage.cached,
            usage.cache_write,
            usage.cache_write_1h,
            usage.output,
            usage.reasoning,
        )
    db.execute(
        "INSERT OR IGNORE INTO charges"
        " (id, began, day, session, model, provider, status, state, nano, reserved, forced, attempts,"
        " input, cached, cache_write, cache_write_1h, output, reasoning, source)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            booking.id,
            booking.began,
            booking.day,
            booking.session,
            booking.claim.model,
            booking.claim.provider,
            answer.status,
            answer.cost.state,
            _nano(answer.cost.usd),
            _nano(booking.claim.worst_usd),
            booking.forced,
            answer.attempts,
            *counts,
            usage.source if usage is not None else None,
        ),
    )


def _nano(usd: Decimal | None) -> int | None:
    return None if usd is None else to_nano(max(usd, ZERO))
