"""A conversation survives the death of its process, and the loss of its disk."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from smallchat.migration import version_of
from smallchat.sessions import schema
from smallchat.sessions.journal import Journal
from smallchat.sessions.session import Session
from smallchat.sessions.store import Store
from tests.sessions.conversations import FAST, answer_of, conversation
from tests.sessions.killing import kill_while_streaming
from tests.sessions.older_stores import write_older_store

LIMIT_MS = 250


@pytest.mark.parametrize("after_s", [0.0, 0.13, 0.31, 0.57])
def test_a_kill_loses_no_more_than_a_quarter_second(tmp_path: Path, after_s: float) -> None:
    loss = kill_while_streaming(tmp_path, after_s)
    assert all(answer.status == "cut" and answer.error for answer in loss.answers)
    assert loss.oldest_ms < LIMIT_MS + loss.longest_pause_ms  # a stalled machine stalls the journal too


def test_a_cut_answer_is_found_and_exported(tmp_path: Path) -> None:
    kill_while_streaming(tmp_path, 0.3)
    store = Store.open(tmp_path, pytest.fail)
    try:
        (summary,) = store.list()
        assert [match.session.id for match in store.search("0:0")] == [summary.id]
        alone = store.load(store.promote(summary.id, 1))
        assert alone.turns[0].answers[0].answer.text.startswith("1:0 1:1 ")
    finally:
        store.close()
    assert not list((tmp_path / "live").iterdir())


def say(store: Store, text: str) -> str:
    """Have a conversation of one turn."""
    session = store.create_session("chat", [FAST])
    answer = store.begin_answer(store.begin_turn(session, "x"), "fast", "gateway")
    store.append(answer, "text", text)
    store.settle(answer, answer_of("fast", text))
    return session


def texts_of(session: Session) -> list[str]:
    return [kept.answer.text for turn in session.turns for kept in turn.answers]


@pytest.fixture
def small_files() -> Iterator[None]:
    """Let no file grow beyond what a new store needs: to SQLite that is a full disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.usefixtures("small_files")
def test_on_a_full_disk_the_chat_goes_on_in_memory(tmp_path: Path, troubles: list[str]) -> None:
    store = Store.open(tmp_path, troubles.append)
    first = say(store, "kept")
    assert store.flush()
    size = max(file.stat().st_size for file in tmp_path.iterdir())
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    turn = store.begin_turn(first, "go on")
    answer = store.begin_answer(turn, "fast", "gateway")
    text = "word " * 100_000
    store.append(answer, "text", text)
    store.settle(answer, answer_of("fast", text))
    second = say(store, "in memory")
    assert texts_of(store.load(first)) == ["kept", text]
    assert texts_of(store.load(second)) == ["in memory"]
    assert [summary.id for summary in store.list()] == [second, first]
    assert [match.session.id for match in store.search("memory")] == [second]
    assert not store.is_kept
    (message,) = troubles
    assert "sessions.db" in message
    assert message.count("\n") == 1
    store.close()
    again = Store.open(tmp_path, pytest.fail)
    assert texts_of(again.load(first)) == ["kept"]
    again.close()


def test_without_a_directory_the_chat_goes_on_in_memory(tmp_path: Path, troubles: list[str]) -> None:
    (tmp_path / "file").touch()
    store = Store.open(tmp_path / "file" / "data", troubles.append)
    session = say(store, "in memory")
    store.rename(session, "Renamed")
    assert store.load(session).title == "Renamed"
    assert store.resolve(session[:5]) == store.resolve("last") == session
    store.delete(session)
    assert not store.list()
    store.close()
    assert len(troubles) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only for root")
def test_in_a_read_only_directory_sessions_are_still_read(tmp_path: Path, troubles: list[str]) -> None:
    store = Store.open(tmp_path, pytest.fail)
    old = say(store, "old")
    store.close()
    tmp_path.chmod(0o500)
    try:
        store = Store.open(tmp_path, troubles.append)
        new = say(store, "new")
        assert [summary.id for summary in store.list()] == [new, old]
        store.close()
    finally:
        tmp_path.chmod(0o700)
    assert len(troubles) == 1
    assert "can not be written" in troubles[0]


@pytest.mark.parametrize("content", [b"not a database" * 999, b"SQLite format 3\0" * 99])
def test_a_damaged_file_is_left_alone(tmp_path: Path, troubles: list[str], content: bytes) -> None:
    (tmp_path / "sessions.db").write_bytes(content)
    store = Store.open(tmp_path, troubles.append)
    session = say(store, "in memory")
    assert texts_of(store.load(session)) == ["in memory"]
    store.close()
    (message,) = troubles
    assert "damaged" in message
    assert (tmp_path / "sessions.db").read_bytes() == content


def test_a_newer_store_is_only_read(tmp_path: Path, troubles: list[str]) -> None:
    store = Store.open(tmp_path, pytest.fail)
    old = say(store, "old")
    store.close()
    with closing(sqlite3.connect(tmp_path / "sessions.db")) as db:
        db.execute("PRAGMA user_version = 99")
    store = Store.open(tmp_path, troubles.append)
    assert texts_of(store.load(old)) == ["old"]
    turn = store.begin_turn(old, "go on")
    store.settle(store.begin_answer(turn, "fast", "gateway"), answer_of("fast", "in memory"))
    assert texts_of(store.load(old)) == ["old", "in memory"]
    store.close()
    (message,) = troubles
    assert "newer" in message
    with closing(sqlite3.connect(tmp_path / "sessions.db")) as db:
        assert db.execute("SELECT count(*) FROM turns").fetchone() == (1,)


def test_a_migration_keeps_the_old_file_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store.open(tmp_path, pytest.fail)
    session = store.add(conversation("old"))
    store.close()
    before = len(schema.MIGRATIONS)
    more = "ALTER TABLE sessions ADD COLUMN starred INTEGER; UPDATE sessions SET starred = 1;"
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, more.replace("; ", ";\n")))
    monkeypatch.setattr(schema.open_for_writing, "__defaults__", (schema.MIGRATIONS,))
    store = Store.open(tmp_path, pytest.fail)
    assert texts_of(store.load(session)) == ["old"]
    store.close()
    with closing(sqlite3.connect(tmp_path / "sessions.db")) as db:
        assert db.execute("SELECT starred FROM sessions").fetchall() == [(1,)]
    with closing(sqlite3.connect(tmp_path / f"sessions.db.v{before}.bak")) as db:
        assert db.execute("SELECT id FROM sessions").fetchall() == [(session,)]


def test_a_failed_migration_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"
    schema.open_for_writing(path).close()
    bad = "ALTER TABLE sessions ADD COLUMN starred INTEGER;\nINSERT INTO nowhere VALUES (1);"
    with pytest.raises(sqlite3.Error):
        schema.open_for_writing(path, (*schema.MIGRATIONS, bad))
    with closing(schema.open_for_writing(path)) as db:
        assert version_of(db) == len(schema.MIGRATIONS)
        assert "starred" not in [row[1] for row in db.execute("PRAGMA table_info(sessions)")]


def test_what_was_deleted_long_ago_is_purged(tmp_path: Path) -> None:
    store = Store.open(tmp_path, pytest.fail)
    old, recent = store.add(conversation("needle")), store.add(conversation("needle"))
    store.delete(old)
    store.delete(recent)
    store.close()
    with closing(sqlite3.connect(tmp_path / "sessions.db")) as db, db:
        db.execute("UPDATE sessions SET deleted = '2020-01-01T00:00:00Z' WHERE id = ?", (old,))
    store = Store.open(tmp_path, pytest.fail)
    store.undelete(recent)
    assert [match.session.id for match in store.search("needle")] == [recent]
    store.close()
    with closing(sqlite3.connect(tmp_path / "sessions.db")) as db:
        assert db.execute("SELECT count(*) FROM answers").fetchone() == (1,)
        db.execute("INSERT INTO words (words, rank) VALUES ('integrity-check', 1)")


def test_appending_never_waits_for_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"
    schema.open_for_writing(path).close()
    store = Store.open(tmp_path, pytest.fail)
    store.flush()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        session = say(store, "written later")
        assert not store.flush(timeout=0)
        other.execute("COMMIT")
    assert texts_of(store.load(session)) == ["written later"]
    store.close()


def test_what_waits_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smallchat.sessions.journal.MOST_WAITING_CHARS", 1000)
    journal = Journal(tmp_path / "sessions.db", pytest.fail)  # not started: a disk that hangs
    for _ in range(1000):
        journal.append(1, "text", "x" * 100)
    assert journal._waiting.chars <= 1100


def test_a_store_costs_little_to_import() -> None:
    heavy = "textual rich openai anthropic pydantic httpx2 genai_prices tiktoken markdown_it asyncio"
    code = f"import sys, smallchat.sessions.store; print([m for m in {heavy.split()} if m in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


OPENING = """
import sys
from pathlib import Path
from smallchat.sessions.store import Store
sys.stdin.readline()  # all together
store = Store.open(Path(sys.argv[1]), sys.exit)
print(store.create_session("chat", []) if store.flush() and store.is_kept else "not kept")
store.close()
"""


@pytest.mark.parametrize("version", [0, 2])
def test_terminals_that_open_a_store_at_once_all_keep_their_sessions(tmp_path: Path, version: int) -> None:
    before = write_older_store(tmp_path / "sessions.db", version, conversation("a", "b")) if version else ""
    command = [sys.executable, "-c", OPENING, str(tmp_path)]
    terminals = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    for terminal in terminals:
        assert terminal.stdin is not None
        terminal.stdin.write("\n")
        terminal.stdin.flush()
    kept = [terminal.communicate()[0].strip() for terminal in terminals]
    with closing(Store.open(tmp_path, pytest.fail)) as store:
        assert {summary.id for summary in store.list()} == {*kept, *filter(None, [before])}
    assert not list(tmp_path.glob("*.part"))
    copies = list(tmp_path.glob("*.bak"))
    assert [path.name for path in copies] == (["sessions.db.v2.bak"] if version else [])
    for path in copies:
        with closing(sqlite3.connect(path)) as copy:
            assert version_of(copy) == version
