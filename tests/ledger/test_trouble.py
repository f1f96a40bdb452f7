"""Ledgers that can not be used: a cap is never waved through, a chat without one goes on."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.ledger.books import OpenLedger, admitted, answer, claim, query, refused, spend


def damage(data_dir: Path, open_ledger: OpenLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = open_ledger()
    spend(ledger, "0.01")
    ledger.close()
    (data_dir / "ledger.db").write_bytes(b"not a database" * 1000)


def make_a_directory(data_dir: Path, open_ledger: OpenLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    (data_dir / "ledger.db").mkdir(parents=True)


def make_it_newer(data_dir: Path, open_ledger: OpenLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    spend(open_ledger(), "0.01")
    with sqlite3.connect(data_dir / "ledger.db") as db:
        db.execute("PRAGMA user_version = 99")


def put_a_file_in_the_way(data_dir: Path, open_ledger: OpenLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    data_dir.write_text("in the way")


def make_it_read_only(data_dir: Path, open_ledger: OpenLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    spend(open_ledger(), "0.01")
    for path in (*data_dir.glob("*"), data_dir):
        path.chmod(0o500 if path.is_dir() else 0o400)
    if os.access(data_dir / "ledger.db", os.W_OK):
        pytest.skip("the superuser may write anywhere")


def mount_it_read_only(data_dir: Path, open_ledger: OpenLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    spend(open_ledger(), "0.01")
    connect = sqlite3.connect

    def connect_to_read(path: Path, **options: Any) -> sqlite3.Connection:
        return connect(f"file:{path}?mode=ro", uri=True, **options)

    monkeypatch.setattr(sqlite3, "connect", connect_to_read)


def hold_it(data_dir: Path, open_ledger: OpenLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    spend(open_ledger(), "0.01")
    holder = sqlite3.connect(data_dir / "ledger.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    _holders.append(holder)


_holders: list[sqlite3.Connection] = []

TROUBLES: dict[Callable[[Path, OpenLedger, pytest.MonkeyPatch], None], str] = {
    damage: "is damaged",
    make_a_directory: "can not be written",
    make_it_newer: "newer smallchat",
    put_a_file_in_the_way: "can not be",
    make_it_read_only: "can not be written",
    mount_it_read_only: "can not be written",
    hold_it: "is held by another program",
}


@pytest.fixture(params=TROUBLES, ids=lambda function: function.__name__)
def reason(
    request: pytest.FixtureRequest,
    data_dir: Path,
    open_ledger: OpenLedger,
    monkeypatch: pytest.MonkeyPatch,
) -> Any:
    """Make trouble, and return words that its message must have."""
    monkeypatch.setattr("smallchat.ledger.file.BUSY_S", 0.01)
    request.param(data_dir, open_ledger, monkeypatch)
    yield TROUBLES[request.param]
    while _holders:
        _holders.pop().close()
    if data_dir.is_dir():
        for path in (data_dir, *data_dir.glob("*")):
            path.chmod(0o700)


def test_a_send_under_a_cap_is_refused_with_the_reason(reason: str, open_ledger: OpenLedger) -> None:
    ledger = open_ledger(day="100.00")
    refusal = refused(ledger.admit([claim("0.01")]))
    assert refusal.reason == "ledger"
    assert reason in refusal.sentence
    assert "nothing was sent" in refusal.sentence
    assert refusal.advice


def test_without_a_cap_the_chat_goes_on_and_says_so_once(reason: str, open_ledger: OpenLedger) -> None:
    told: list[str] = []
    ledger = open_ledger(on_trouble=told.append, models={"other": {"day": "1.00"}})
    for _ in range(3):
        (booking,) = admitted(ledger.admit([claim("0.01")]))
        ledger.settle(booking, answer("0.01"))
    assert len(told) == 1
    assert reason in told[0]
    assert "not recorded" in told[0]


def test_what_is_free_and_what_is_forced_goes_on(reason: str, open_ledger: OpenLedger) -> None:
    ledger = open_ledger(day="1.00")
    admitted(ledger.admit([claim("0")]))
    admitted(ledger.admit([claim("0.01")], force=True))


def test_a_full_disk_is_named(open_ledger: OpenLedger, data_dir: Path) -> None:
    ledger = open_ledger(day="1.00")
    (booking,) = admitted(ledger.admit([claim("0.01")]))
    pages = ledger._file._open().execute("PRAGMA page_count").fetchone()[0]
    ledger._file._open().execute(f"PRAGMA max_page_count = {pages}")
    refusal = refused(ledger.admit([claim("0.000001", "x" * 20_000)]))
    assert "disk is full" in refusal.sentence
    ledger.settle(booking, answer("0.01"))
    assert query(data_dir, "SELECT nano FROM charges") == [(10_000_000,)]


def test_what_is_left_says_what_is_wrong(
    open_ledger: OpenLedger, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damage(data_dir, open_ledger, monkeypatch)
    headroom = open_ledger(day="1.00").headroom([claim("0.01")])
    assert "is damaged" in headroom.trouble
    assert headroom.level == "over"


def test_what_could_not_be_booked_is_booked_later(
    open_ledger: OpenLedger, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smallchat.ledger.file.BUSY_S", 0.01)
    told: list[str] = []
    ledger = open_ledger(on_trouble=told.append, day="1.00")
    (booking,) = admitted(ledger.admit([claim("0.50")]))
    holder = sqlite3.connect(data_dir / "ledger.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    ledger.settle(booking, answer("0.20"))
    assert query(data_dir, "SELECT count(*) FROM reservations") == [(1,)]
    holder.close()
    admitted(ledger.admit([claim("0.10")]))
    assert query(data_dir, "SELECT nano FROM charges") == [(200_000_000,)]
    assert len(told) == 1


def test_a_ledger_is_not_readable_by_others(open_ledger: OpenLedger, data_dir: Path) -> None:
    spend(open_ledger(), "0.01")
    assert {path.stat().st_mode & 0o77 for path in (data_dir, *data_dir.glob("ledger.db*"))} == {0}
