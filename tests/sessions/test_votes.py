"""Votes: kept with their turn, exported, counted once; and a store from before there were any."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from smallchat.migration import version_of
from smallchat.sessions.files import export_session
from smallchat.sessions.markdown_reading import read_markdown
from smallchat.sessions.reads import load_session, voted_sessions
from smallchat.sessions.record import read_session, session_record
from smallchat.sessions.schema import open_for_reading
from smallchat.sessions.store import FILE_NAME, Store
from smallchat.sessions.vote import Vote, read_vote, vote_record
from tests.sessions.conversations import conversation
from tests.sessions.older_stores import write_older_store

FAST_BEST = Vote(("slow_2", "fast"), "best", 1)


def test_a_vote_is_kept_with_its_turn_and_may_be_changed_or_taken_back(store: Store) -> None:
    session = store.add(conversation("one", "two", "three", "four"))
    turn = store.load(session).turns[1]
    store.vote(turn.id, Vote(("fast", "slow_2"), "tie"))
    store.vote(turn.id, FAST_BEST)
    first, second = store.load(session).turns
    assert (first.vote, second.vote) == (None, FAST_BEST)
    assert [found.id for found in store.voted()] == [session]
    store.vote(turn.id, None)
    assert store.load(session).turns[1].vote is None
    assert store.voted() == []


def test_a_vote_counts_once_and_not_in_what_goes_on_from_it(store: Store) -> None:
    session = store.add(conversation("one", "two"))
    store.vote(store.load(session).turns[0].id, FAST_BEST)
    for other in (store.branch(session, 1), store.promote(session, 0)):
        assert store.load(other).turns[0].vote is None
    assert [found.id for found in store.voted()] == [session]
    store.delete(session)
    assert store.voted() == []


@pytest.mark.parametrize("vote", [FAST_BEST, Vote(("fast", "slow_2"), "tie"), Vote(("fast",), "all_bad")])
def test_a_vote_goes_into_every_export_and_comes_back(vote: Vote) -> None:
    plain = conversation("one", "two")
    session = replace(plain, turns=(replace(plain.turns[0], vote=vote),))
    record = session_record(session)
    assert read_session(record).turns[0].vote == vote
    text = export_session(session, "markdown")
    again = read_session(read_markdown(text))
    assert again.turns[0].vote == vote
    assert export_session(again, "markdown") == text
    assert "*Blind vote:*" in text


def test_an_export_without_a_vote_says_nothing_of_votes() -> None:
    assert "vote" not in export_session(conversation("one", "two"), "markdown").lower()


@pytest.mark.parametrize(
    "record",
    [
        [],
        {"models": "fast", "verdict": "tie", "place": None},
        {"models": ["fast"], "verdict": "best", "place": 1},
        {"models": ["fast"], "verdict": "best", "place": True},
        {"models": ["fast"], "verdict": "best", "place": None},
        {"models": ["fast"], "verdict": "tie", "place": 0},
        {"models": ["fast"], "verdict": ["tie"], "place": None},
        {"models": [1], "verdict": "tie", "place": None},
    ],
)
def test_what_is_no_vote_is_refused(record: object) -> None:
    with pytest.raises(ValueError, match="vote"):
        read_vote(record)  # type: ignore[arg-type]
    assert read_vote(vote_record(FAST_BEST)) == FAST_BEST


def test_a_store_from_before_votes_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    old = replace(conversation("one", "two"), title="Old")
    session = write_older_store(path, 1, old)
    with closing(open_for_reading(path)) as db:  # as where nothing can be written
        found = load_session(db, session)
        assert found is not None
        assert (found.title, found.turns[0].vote, voted_sessions(db)) == ("Old", None, [])

    store = Store.open(tmp_path, pytest.fail)
    turn = store.load(session).turns[0]
    store.vote(turn.id, FAST_BEST)
    assert store.load(session).turns[0].vote == FAST_BEST
    store.close()
    with closing(sqlite3.connect(f"{path}.v1.bak")) as backup:
        assert version_of(backup) == 1
