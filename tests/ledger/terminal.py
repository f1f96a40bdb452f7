"""Another terminal: a process that admits what it is told to, line by line, until its input ends."""

from __future__ import annotations

import sys
from pathlib import Path

from smallchat.ledger.ledger import Ledger
from tests.ledger.books import answer, budget, claim


def main(data_dir: str, cap: str) -> None:
    ledger = Ledger(Path(data_dir), budget(day=cap))
    bookings = []
    print("ready", flush=True)
    for line in sys.stdin:
        verb, usd = line.split()
        if verb == "admit":
            result = ledger.admit([claim(usd)])
            bookings += result if isinstance(result, tuple) else ()
            print("admitted" if isinstance(result, tuple) else result.reason, flush=True)
        else:
            ledger.settle(bookings.pop(), answer(usd))
            print("settled", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
