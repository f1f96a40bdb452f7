"""Several processes on one ledger: races, and deaths with money set aside."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.ledger.books import OpenLedger, admitted, claim, query, refused

StartTerminal = Callable[[str], "Terminal"]


class Terminal:
    def __init__(self, data_dir: Path, cap: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.ledger.terminal", str(data_dir), cap],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )

    def tell(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def hear(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def ask(self, line: str) -> str:
        self.tell(line)
        return self.hear()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def start_terminal(data_dir: Path) -> Iterator[StartTerminal]:
    terminals: list[Terminal] = []

    def start(cap: str) -> Terminal:
        terminals.append(Terminal(data_dir, cap))
        return terminals[-1]

    yield start
    for terminal in terminals:
        terminal.kill()
        terminal.process.communicate()


def test_of_twenty_that_race_for_ten_ten_are_admitted(start_terminal: StartTerminal, data_dir: Path) -> None:
    terminals = [start_terminal("1.00") for _ in range(20)]
    assert {terminal.hear() for terminal in terminals} == {"ready"}
    for terminal in terminals:
        terminal.tell("admit 0.10")
    results = [terminal.hear() for terminal in terminals]
    assert (results.count("admitted"), results.count("cap")) == (10, 10)
    assert query(data_dir, "SELECT count(*), sum(nano) FROM reservations") == [(10, 10**9)]


def test_two_terminals_can_not_break_one_cap(start_terminal: StartTerminal, data_dir: Path) -> None:
    one, two = start_terminal("1.00"), start_terminal("1.00")
    assert (one.hear(), two.hear()) == ("ready", "ready")
    assert one.ask("admit 0.60") == "admitted"
    assert two.ask("admit 0.60") == "cap"
    assert one.ask("settle 0.35") == "settled"
    assert two.ask("admit 0.60") == "admitted"
    assert two.ask("settle 0.60") == "settled"
    assert one.ask("admit 0.06") == "cap"
    assert one.ask("admit 0.05") == "admitted"


def test_a_killed_process_leaves_nothing_reserved(
    start_terminal: StartTerminal, open_ledger: OpenLedger, data_dir: Path
) -> None:
    ledger = open_ledger(day="0.10")
    terminal = start_terminal("0.10")
    assert terminal.hear() == "ready"
    assert terminal.ask("admit 0.10") == "admitted"
    refused(ledger.admit([claim("0.10")]))
    assert ledger.headroom([claim("0.10")]).level == "over"
    terminal.kill()
    admitted(ledger.admit([claim("0.10")]))
    assert query(data_dir, "SELECT count(*) FROM reservations") == [(1,)]
    assert query(data_dir, "SELECT status, nano FROM charges") == [("lost", None)]
    assert len(list((data_dir / "live").iterdir())) == 1


def test_what_is_left_counts_no_dead_process(start_terminal: StartTerminal, open_ledger: OpenLedger) -> None:
    terminal = start_terminal("0.10")
    assert terminal.hear() == "ready"
    assert terminal.ask("admit 0.10") == "admitted"
    terminal.kill()
    assert open_ledger(day="0.10").headroom([claim("0.05")]).needs[0].reserved == 0
