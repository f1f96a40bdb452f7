"""How soon the sessions screen shows its first rows, and what was searched for, with years of conversations.

    python -m tests.benchmarks.bench_sessions_screen [--sessions 10000] [--answers 4]

Beside each figure stands the time that the store alone takes for it, from the same run.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from textual.widgets import Input

from smallchat.tui.screens.sessions import MOST_MATCHES, PAGE, SessionsScreen
from tests.benchmarks.bench_sessions import fill
from tests.tui.fakes import Stage

WORDS = "ab"
SETTLED_S = 2.0  # until prices and token tables are loaded


async def measure(directory: Path) -> None:
    """Open the screen several times, the first one with its modules and styles still to be loaded."""
    stage = Stage(directory)
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        await asyncio.sleep(SETTLED_S)
        assert stage.app.backend is not None
        store = stage.app.backend.store
        for number in range(5):
            opened = await time_opening(stage)
            found = await time_search(stage.app.screen)
            listing = timed(lambda: store.list(PAGE))
            searching = timed(lambda: store.search(WORDS, MOST_MATCHES))
            when = "again" if number else "first"
            print(f"{when}: rows painted after {opened:5.1f} ms (list {listing:4.1f}),", end=" ")
            print(f"search shown after {found:5.1f} ms (search {searching:4.1f})")
            stage.app.screen.dismiss()
            await pilot.pause()


async def time_opening(stage: Stage) -> float:
    """Return the milliseconds from the key to the first rows on the screen."""
    started = time.perf_counter()
    stage.screen.action_sessions()
    while not (isinstance(stage.app.screen, SessionsScreen) and stage.app.screen.list.row_count):  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    painted = asyncio.Event()
    stage.app.screen.list.call_after_refresh(painted.set)
    await painted.wait()
    return 1e3 * (time.perf_counter() - started)


async def time_search(screen: object) -> float:
    """Return the milliseconds from the last letter to what was found."""
    assert isinstance(screen, SessionsScreen)
    started = time.perf_counter()
    screen.query_one(Input).value = WORDS
    while screen.found != WORDS:  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    return 1e3 * (time.perf_counter() - started)


def timed(run: Callable[[], object]) -> float:
    """Return how many milliseconds ``run`` takes."""
    started = time.perf_counter()
    run()
    return 1e3 * (time.perf_counter() - started)


def main() -> None:
    """Fill a store and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sessions", type=int, default=10_000)
    parser.add_argument("--answers", type=int, default=4, help="of each session")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        os.environ["SMALLCHAT_DATA_DIR"] = name
        fill(directory, options.sessions, options.answers)
        asyncio.run(measure(directory))


if __name__ == "__main__":
    main()
