"""How quick the store is with years of conversations in it, what journalling costs, and what a kill loses.

    python -m tests.benchmarks.bench_sessions [--sessions 10000] [--answers 20] [--seconds 10] [--kills 200]

Every figure is printed beside a floor from the same run: the least that any store could take.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from smallchat.metering.answer import Answer, Cost, Figures
from smallchat.metering.usage import Usage
from smallchat.sessions import schema, writes
from smallchat.sessions.names import new_key, new_session_id
from smallchat.sessions.session import AnswerId, Kept, Session, SessionModel, Turn, TurnId
from smallchat.sessions.store import FILE_NAME, Store

NAMES = ("claude-haiku-4-5", "gpt-5.4-mini")
MODELS = tuple(SessionModel(name, "provider", name) for name in NAMES)
WORDS_PER_ANSWER = 90
PAGE = 200
PANES, TOKENS_PER_S = 3, 500


def main() -> None:
    """Run what the options ask for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sessions", type=int, default=10_000)
    parser.add_argument("--answers", type=int, default=20, help="of each session")
    parser.add_argument("--seconds", type=float, default=10, help="of journalling")
    parser.add_argument("--kills", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        data_dir = Path(directory)
        if options.sessions:
            fill(data_dir, options.sessions, options.answers)
            measure_reading(data_dir)
        if options.seconds:
            measure_journal(data_dir / "journal", options.seconds)
        if options.kills:
            measure_kills(data_dir, options.kills)


def fill(data_dir: Path, sessions: int, answers: int) -> None:
    """Write ``sessions`` conversations of made-up words, the common ones often."""
    chance = random.Random(1)
    vocabulary = [
        "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(2, 9))) for _ in range(30_000)
    ]
    weights = [1 / (rank + 2) for rank in range(len(vocabulary))]
    pool = chance.choices(vocabulary, weights, k=2_000_000)

    def text(words: int) -> str:
        at = chance.randrange(len(pool) - words)
        return " ".join(pool[at : at + words])

    started = time.perf_counter()
    with closing(schema.open_for_writing(data_dir / FILE_NAME)) as db:
        db.execute("PRAGMA synchronous = OFF")
        for first in range(0, sessions, 500):
            db.execute("BEGIN")
            for number in range(first, min(first + 500, sessions)):
                writes.insert_whole(db, conversation(number, answers, text), new_key())
            db.execute("COMMIT")
    size = sum(file.stat().st_size for file in data_dir.iterdir())
    took = time.perf_counter() - started
    print(f"{sessions:,} sessions of {answers} answers: {size / 1e6:,.0f} MB, written in {took:.0f} s")


def conversation(number: int, answers: int, text: Callable[[int], str]) -> Session:
    """Return a session in which two models answer."""
    created = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=number)

    def answer(pane: int) -> Kept:
        settled = Answer(
            NAMES[pane],
            "provider",
            "ok",
            text=text(WORDS_PER_ANSWER),
            served_model=NAMES[pane],
            attempts=1,
            figures=Figures(212.4, 212.4, 1830.2, 84.1, 70.2, 391.0, 120, 1.02),
            usage=Usage(1204, 122, 1024),
            cost=Cost(Decimal("0.0011088"), "exact"),
        )
        return Kept(settled, pane=pane, id=AnswerId(new_key()))

    turns = tuple(
        Turn(0, text(20), created, (answer(0), answer(1)), id=TurnId(new_key())) for _ in range(answers // 2)
    )
    return Session(new_session_id(), text(6), created, "compare", MODELS, turns, "0")


def measure_reading(data_dir: Path) -> None:
    """Print how long the list, searches and a session take, each beside its bare SQL."""
    with closing(schema.open_for_reading(data_dir / FILE_NAME)) as bare:
        started = time.perf_counter()
        store = Store.open(data_dir, sys.exit)
        returned = time.perf_counter()
        summaries = store.list(PAGE)
        opened = time.perf_counter()
        print(f"open: returns after {1e3 * (returned - started):.1f} ms,", end=" ")
        print(f"first list after {1e3 * (opened - started):.1f} ms")

        rows = "SELECT id, title, models, usd FROM sessions ORDER BY key DESC LIMIT "
        report(f"list of {PAGE}", lambda: store.list(PAGE), lambda: bare.execute(rows + str(PAGE)).fetchall())
        report("list of all", store.list, lambda: bare.execute(rows + "-1").fetchall())
        report("load", lambda: store.load(summaries[0].id), lambda: bare.execute(rows + "1").fetchall())

        commonest, common, rare = (term(bare, rank) for rank in (0, 30, 20_000))
        queries = [
            commonest,
            f"{commonest} {common}",
            common,
            rare,
            f"{rare} {commonest}",
            commonest[:1],
            rare[:2],
            "nothere",
        ]
        match = "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT 1"
        for query in queries:
            bare_query = " ".join(f'"{word}"' for word in query.split()) + "*"
            report(
                f"search {query!r} ({len(store.search(query))} found)",
                lambda query=query: store.search(query),
                lambda bare_query=bare_query: bare.execute(match, (bare_query,)).fetchall(),
            )
        store.close()


def term(db: sqlite3.Connection, rank: int) -> str:
    """Return the word of this rank by the number of passages with it."""
    db.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.terms USING fts5vocab (main, words, row)")
    found = db.execute("SELECT term FROM temp.terms ORDER BY doc DESC LIMIT 1 OFFSET ?", (rank,)).fetchone()
    return str(found[0])


def report(name: str, run: Callable[[], object], floor: Callable[[], object], times: int = 15) -> None:
    """Print the median and the worst time of ``run``, and the median of ``floor``."""
    spent, least = ([timed(what) for _ in range(times)] for what in (run, floor))
    median, bottom = statistics.median(spent), statistics.median(least)
    print(f"{name:40} {median:8.2f} ms, worst {max(spent):8.2f} ms", end="   ")
    print(f"floor {bottom:8.2f} ms  (x {median / bottom:.1f})")


def timed(run: Callable[[], object]) -> float:
    """Return how many milliseconds ``run`` takes."""
    started = time.perf_counter()
    run()
    return 1e3 * (time.perf_counter() - started)


def measure_journal(data_dir: Path, seconds: float) -> None:
    """Print the CPU that journalling three streams takes, beside that of the streams alone."""
    store = Store.open(data_dir, sys.exit)
    turn = store.begin_turn(store.create_session("compare", MODELS), "go")
    answers = [store.begin_answer(turn, str(pane), "p", pane=pane) for pane in range(PANES)]
    store.flush()
    floor = stream(lambda pane: None, seconds)
    spent = stream(lambda pane: store.append(answers[pane], "text", "token"), seconds)
    store.close()
    print(
        f"journalling {PANES} panes x {TOKENS_PER_S} tok/s: {100 * (spent - floor) / seconds:.2f} % of a core"
        f"  (streams alone {100 * floor / seconds:.2f} %)"
    )


def stream(append: Callable[[int], None], seconds: float) -> float:
    """Call ``append`` at the pace of the streams; return the CPU seconds of the process."""
    started, spent = time.perf_counter(), time.process_time()
    for tick in range(int(seconds * TOKENS_PER_S / 5)):
        for pane in range(PANES):
            for _ in range(5):
                append(pane)
        time.sleep(max(0.0, started + (tick + 1) * 5 / TOKENS_PER_S - time.perf_counter()))
    return time.process_time() - spent


def measure_kills(data_dir: Path, kills: int) -> None:
    """Print what ``kills`` SIGKILLs at random moments of a three-pane stream lost."""
    from tests.sessions.killing import kill_while_streaming

    chance = random.Random(2)
    losses = [kill_while_streaming(data_dir / f"killed{n}", chance.uniform(0, 1.2)) for n in range(kills)]
    oldest = [loss.oldest_ms for loss in losses]
    late = sum(loss.oldest_ms >= 250 for loss in losses)
    pause = max(loss.longest_pause_ms for loss in losses)
    print(
        f"{kills} kills: every store opened; oldest lost word: median {statistics.median(oldest):.0f} ms,"
        f" worst {max(oldest):.0f} ms; {late} over 250 ms (longest pause of the machine {pause:.0f} ms)"
    )


if __name__ == "__main__":
    main()
