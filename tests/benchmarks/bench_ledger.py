"""How long the user waits for the budget: admissions and settlements beside an empty transaction.

    python -m tests.benchmarks.bench_ledger [--rows N] [--sends N] [--dir DIR]

Prints p50 and p99 in ms, and the ratio to the floor: BEGIN IMMEDIATE and COMMIT of one row on the same
disk, in the same run.
"""

from __future__ import annotations

import argparse
import itertools
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from smallchat.config.schema import BudgetSettings, Caps
from smallchat.ledger.claim import Booking, LaneClaim
from smallchat.ledger.file import LedgerFile
from smallchat.ledger.ledger import Ledger
from smallchat.ledger.reading import SpendReader
from smallchat.metering.answer import Answer, Cost
from smallchat.metering.usage import Usage

MODELS = ("claude-haiku-4-5", "gpt-5.4-mini", "gpt-5.4-nano")
CLAIMS = tuple(LaneClaim(model, "p", Decimal("0.0254"), Decimal("0.002"), 2048) for model in MODELS)
ANSWER = Answer(
    "m", "p", "ok", usage=Usage(1204, 122, 1024), cost=Cost(Decimal("0.0011088"), "exact"), attempts=1
)
CAP = Decimal(100_000)
CAPS = Caps(per_send=CAP, session=CAP, day=CAP, month=CAP)
BUDGET = BudgetSettings(**dict(CAPS), models=dict.fromkeys(MODELS, CAPS))


def fill(data_dir: Path, rows: int) -> None:
    """Write ``rows`` charges of the last two years, most of them of this month, as a heavy user has them."""
    today = date.today()

    def charges() -> Iterator[tuple[object, ...]]:
        for number in range(rows):
            day = today - timedelta(days=number % 700 if number % 4 == 0 else number % 20)
            yield (f"old.{number}", day.isoformat(), f"s{number % 2000}", MODELS[number % 3])

    with LedgerFile(data_dir / "ledger.db").transaction(durable=True) as db:
        db.executemany(
            "INSERT INTO charges (id, began, day, session, model, provider, status, state, nano, forced,"
            " attempts, input, cached, cache_write, cache_write_1h, output, reasoning, source)"
            " VALUES (?, 0, ?, ?, ?, 'p', 'ok', 'exact', 1108800, 0, 1, 1204, 1024, 0, 0, 122, 0, 'usage')",
            charges(),
        )


def measure(work: Callable[[], object], times: int) -> list[float]:
    """Return the sorted times of ``work`` in ms."""
    found = []
    for _ in range(times):
        start = time.perf_counter_ns()
        work()
        found.append((time.perf_counter_ns() - start) / 1e6)
    return sorted(found)


def show(name: str, found: list[float], floor: list[float] | None = None) -> None:
    p50, p99 = statistics.median(found), found[int(len(found) * 0.99)]
    ratio = "" if floor is None else f"   {p50 / statistics.median(floor):5.1f} x the floor"
    print(f"{name:34} p50 {p50:7.3f}   p99 {p99:7.3f}   max {found[-1]:7.3f} ms{ratio}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--sends", type=int, default=1_000)
    parser.add_argument("--dir", type=Path, help="measure on the disk that this directory is on")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.dir) as name:
        data_dir = Path(name)
        floor = measure_floor(data_dir / "floor.db", options.sends)
        fill(data_dir, options.rows)
        ledger = Ledger(data_dir, BUDGET)
        admissions: list[float] = []
        settlements: list[float] = []
        bookings: list[Booking] = []

        def admit() -> None:
            admitted = ledger.admit(CLAIMS, "s1")
            assert isinstance(admitted, tuple)
            bookings[:] = admitted

        def settle() -> None:
            for booking in bookings:
                ledger.settle(booking, ANSWER)

        for _ in range(options.sends):
            admissions += measure(admit, 1)
            settlements += measure(settle, 1)
        refused = measure(lambda: ledger.admit([LaneClaim("m", "p", CAP)]), options.sends)
        drafts = measure(lambda: ledger.headroom(CLAIMS, "s1"), options.sends)
        ledger.close()
        with SpendReader(data_dir) as reader:
            reports = measure(reader.report, 3)
    print(f"{options.rows:,} charges, 3 panes, 16 caps")
    show("floor: an empty transaction", floor)
    show("admission of a send", sorted(admissions), floor)
    show("refusal of a send", refused, floor)
    show("settlement of 3 answers, synced", sorted(settlements))
    show("what is left, for a draft", drafts)
    show("report of 30 days", reports)


def measure_floor(path: Path, times: int) -> list[float]:
    db = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "wal_autocheckpoint = 0"):
        db.execute(f"PRAGMA {pragma}")
    db.execute("CREATE TABLE numbers (number INTEGER)")
    numbers = itertools.count()

    def transact() -> None:
        db.execute("BEGIN IMMEDIATE")
        db.execute("INSERT INTO numbers VALUES (?)", (next(numbers),))
        db.execute("COMMIT")

    found = measure(transact, times)
    db.close()
    return found


if __name__ == "__main__":
    main()
