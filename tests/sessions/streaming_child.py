"""A smallchat that streams three answers until it is killed, and says what it has handed to the store.

Each line on stdout is what had been appended, with the time before: nanoseconds of the monotonic clock,
which all processes share, the answer's pane, and the number of words.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from smallchat.sessions.session import SessionModel
from smallchat.sessions.store import Store

TICK_S = 0.004


def word(pane: int, number: int) -> str:
    """Return the ``number``-th word of the answer in ``pane``."""
    return f"{pane}:{number} "


def stream(data_dir: Path) -> None:
    store = Store.open(data_dir, lambda message: sys.exit(message))
    names = ("a", "b", "c")
    session = store.create_session("compare", [SessionModel(name, "p", name) for name in names])
    turn = store.begin_turn(session, "go")
    answers = [store.begin_answer(turn, name, "p", pane=pane) for pane, name in enumerate(names)]
    write, number = sys.stdout.write, 0
    while True:
        for pane, answer in enumerate(answers):
            store.append(answer, "text", word(pane, number))
            write(f"{time.monotonic_ns()} {pane} {number + 1}\n")
        sys.stdout.flush()
        number += 1
        time.sleep(TICK_S)


if __name__ == "__main__":
    stream(Path(sys.argv[1]))
