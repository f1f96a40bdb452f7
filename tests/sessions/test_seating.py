"""Who sits in the panes is kept: those who left stay away, and nobody's words are lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from smallchat.sessions.files import export_session, read_export
from smallchat.sessions.reads import list_sessions, load_session
from smallchat.sessions.rescue import copy_sessions
from smallchat.sessions.schema import open_in_memory
from smallchat.sessions.seating import Seating, find_seated, read_seatings
from smallchat.sessions.session import SessionModel
from smallchat.sessions.store import FILE_NAME, Store
from smallchat.sessions.vote import Vote
from tests.sessions.conversations import FAST, SLOW, answer_of, conversation
from tests.sessions.older_stores import write_older_store

THIRD = SessionModel("third", "gateway", "third-1")


def ask(store: Store, session: str, prompt: str, seated: Mapping[int, str]) -> None:
    turn = store.begin_turn(session, prompt)
    for place, model in seated.items():
        answer = store.begin_answer(turn, model, "gateway", pane=place)
        store.settle(answer, answer_of(model, f"{model} on {prompt}"))


def change_panes(store: Store) -> str:
    """Keep a session whose second pane changes its model, and whose first one is then removed."""
    session = store.create_session("compare", [FAST, SLOW], seated={0: "fast", 1: "slow_2"})
    ask(store, session, "one", {0: "fast", 1: "slow_2"})
    store.seat(session, [FAST, THIRD, SLOW], {0: "fast", 1: "third"})
    ask(store, session, "two", {0: "fast", 1: "third"})
    store.seat(session, [THIRD, FAST, SLOW], {1: "third"})
    return session


def test_a_pane_that_was_removed_stays_away(store: Store) -> None:
    session = change_panes(store)
    assert find_seated(store.load(session)) == {1: "third"}
    ask(store, session, "three", {1: "third"})
    assert find_seated(store.load(session)) == {1: "third"}


def test_a_pane_that_was_never_asked_comes_back(store: Store) -> None:
    session = store.create_session("chat", [FAST], seated={0: "fast"})
    ask(store, session, "one", {0: "fast"})
    store.seat(session, [FAST, SLOW], {0: "fast", 3: "slow_2"})
    assert find_seated(store.load(session)) == {0: "fast", 3: "slow_2"}


def test_another_terminal_may_still_ask_in_a_pane(store: Store) -> None:
    session = change_panes(store)
    ask(store, session, "three", {0: "fast", 1: "third"})
    assert find_seated(store.load(session)) == {0: "fast", 1: "third"}


def test_without_seatings_answers_tell(store: Store) -> None:
    session = store.create_session("compare", [SLOW, THIRD, FAST])
    ask(store, session, "one", {0: "fast", 1: "slow_2"})
    ask(store, session, "two", {0: "fast", 1: "slow_2"})
    assert find_seated(store.load(session)) == {0: "fast", 1: "slow_2"} | {1: "slow_2"}


def test_one_pane_takes_along_what_its_earlier_models_said(store: Store) -> None:
    alone = store.load(store.promote(change_panes(store), 1))
    texts = [[kept.answer.text for kept in turn.answers] for turn in alone.turns]
    assert texts == [["slow_2 on one"], ["third on two"]]
    assert [model.name for model in alone.models] == ["third", "slow_2"]
    assert find_seated(alone) == {0: "third"}
    assert alone.origin is not None
    assert alone.origin.model == "third"


def test_a_branch_has_the_panes_of_its_time(store: Store) -> None:
    session = change_panes(store)
    ask(store, session, "three", {1: "third"})
    assert find_seated(store.load(store.branch(session, 1))) == {0: "fast", 1: "third"}
    assert find_seated(store.load(store.branch(session, 3))) == {1: "third"}
    assert find_seated(store.load(session).only_turn(1)) == {0: "fast", 1: "slow_2"}


@pytest.mark.parametrize("kind", ["markdown", "json"])
def test_exports_tell_it_and_are_read_back(store: Store, tmp_path: Path, kind: Any) -> None:
    session = store.load(change_panes(store))
    file = tmp_path / ("one.md" if kind == "markdown" else "one.json")
    file.write_text(export_session(session, kind))
    again = read_export(file)
    assert again.seatings == session.seatings
    assert export_session(again, kind) == file.read_text()
    assert find_seated(store.load(store.add(again))) == {1: "third"}


def test_exports_without_panes_are_read_too(tmp_path: Path) -> None:
    file = tmp_path / "old.md"
    file.write_text(export_session(conversation("a", "b"), "markdown"))
    assert "panes" not in file.read_text()
    assert read_export(file).seatings == ()


@pytest.mark.parametrize(
    "panes",
    [
        "x",
        ["x"],
        [{}],
        [{"after": -1, "models": {}}],
        [{"after": True, "models": {}}],
        [{"after": 10**30, "models": {}}],
        [{"after": 0, "models": {"x": "fast"}}],
        [{"after": 0, "models": {"-1": "fast"}}],
        [{"after": 0, "models": {"5000": "fast"}}],
        [{"after": 0, "models": {"0": 3}}],
        [{"after": 0, "models": None}],
        [{"after": 0}],
    ],
)
def test_strange_panes_are_refused(panes: Any) -> None:
    with pytest.raises((ValueError, KeyError)):
        read_seatings(panes)


def test_two_changes_between_the_same_turns_are_one(store: Store) -> None:
    twice = (Seating(0, {0: "fast"}), Seating(0, {0: "slow_2"}))
    session = store.add(replace(conversation("a", "b"), seatings=twice))
    assert store.load(session).seatings == (Seating(0, {0: "slow_2"}),)


def test_a_change_outlives_a_kill(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", CHANGING, tmp_path], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    session = child.stdout.readline().strip()
    os.kill(child.pid, signal.SIGKILL)
    child.communicate()
    store = Store.open(tmp_path, pytest.fail)
    try:
        assert find_seated(store.load(session)) == {1: "third"}
    finally:
        store.close()


CHANGING = """
import sys, time
from pathlib import Path
from smallchat.sessions.store import Store
from tests.sessions.test_seating import change_panes
store = Store.open(Path(sys.argv[1]), sys.exit)
session = change_panes(store)
store.flush()
print(session, flush=True)
time.sleep(60)
"""


def test_the_rescue_of_a_session_takes_along_seatings_and_votes(store: Store, tmp_path: Path) -> None:
    session = change_panes(store)
    store.vote(store.load(session).turns[0].id, Vote(("fast", "slow_2"), "tie"))
    store.flush()
    memory = open_in_memory()
    copy_sessions(tmp_path / "data" / FILE_NAME, memory, [session])
    assert load_session(memory, session) == store.load(session)


def test_an_older_file_is_rescued_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    session = write_older_store(path, 1, conversation("a", "b"))
    memory = open_in_memory()
    copy_sessions(path, memory, [session])
    rescued = load_session(memory, session)
    assert rescued is not None
    assert rescued.models == (FAST, SLOW)
    assert list_sessions(memory, -1, 0)[0].total == rescued.total()
