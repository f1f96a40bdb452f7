"""What a session cost is the same figure in lists, in exports and in the panes."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from smallchat.metering.answer import Answer, Cost
from smallchat.metering.cost import Total
from smallchat.sessions.costs import consulted_cost, read_total, total_to_json
from smallchat.sessions.reads import list_sessions
from smallchat.sessions.schema import open_for_reading
from smallchat.sessions.session import Session
from smallchat.sessions.store import FILE_NAME, Store
from tests.sessions.conversations import answer_of, conversation, sessions
from tests.sessions.older_stores import write_older_store

STAGE = {"second_stage": {"model": "fast", "usd": "0.0005", "state": "estimate"}}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sessions)
def test_lists_and_sessions_agree(store: Store, session: Session) -> None:
    kept = store.load(store.add(session))
    (summary,) = [summary for summary in store.list() if summary.id == kept.id]
    assert summary.total == kept.total() == session.total()


def routed(decision: Any) -> Session:
    session = conversation("a", "b")
    return replace(session, turns=tuple(replace(turn, decision=decision) for turn in session.turns))


def test_the_second_stage_is_part_of_it(store: Store) -> None:
    session = store.add(routed(STAGE))
    (summary,) = store.list()
    assert summary.total == Total(Decimal("0.0022176"), Decimal("0.0005")) == store.load(session).total()
    assert summary.total.state == "estimate"


def test_the_second_stage_is_counted_once(store: Store) -> None:
    session = store.create_session("route", [])
    turn = store.begin_turn(session, "x", STAGE)
    store.update_turn(turn, decision={**STAGE, "answered_by": "fast"})
    assert store.list()[0].total == Total(estimated=Decimal("0.0005"))


@pytest.mark.parametrize(
    "stage",
    [None, "x", {}, {"usd": None}, {"usd": 0.1}, {"usd": "x"}, {"usd": "NaN"}, {"usd": "-1"}, {"usd": "inf"}],
)
def test_what_is_no_amount_costs_nothing(stage: Any) -> None:
    assert consulted_cost({"second_stage": stage}) is None


def test_an_older_amount_without_a_state_is_exact() -> None:
    assert consulted_cost({"second_stage": {"usd": "0.1", "state": "?"}}) == Cost(Decimal("0.1"), "exact")


def test_what_was_never_sent_is_free_and_what_was_cut_is_not(store: Store) -> None:
    session = store.create_session("compare", [])
    turn = store.begin_turn(session, "x")
    for pane, answer in enumerate(
        (
            answer_of("fast", "x", usd="0.1"),
            Answer("a", "gateway", "error", cost=Cost(None, "no_price")),
            Answer("b", "gateway", "error", cost=Cost(None, "lower_bound")),
            Answer("c", "gateway", "cut", cost=Cost(None, "lower_bound")),
        )
    ):
        store.settle(store.begin_answer(turn, answer.model, "gateway", pane=pane), answer)
    total = store.list()[0].total
    assert total == Total(exact=Decimal("0.1"), lost=1)
    assert total.state == "lower_bound"


def test_totals_are_written_and_read() -> None:
    total = Total(Decimal("0.1"), Decimal("1E-20"), Decimal(0), 2, 1)
    assert read_total(total_to_json(total)) == total
    assert total_to_json(Total()) == "{}"


@pytest.mark.parametrize("version", [1, 2, 3])
def test_an_older_store_is_counted(tmp_path: Path, version: int) -> None:
    path = tmp_path / FILE_NAME
    session = replace(routed(STAGE), turns=(routed(STAGE).turns[0], *conversation("c", "d").turns))
    write_older_store(path, version, session)
    with closing(open_for_reading(path)) as db:  # as where nothing can be written
        assert list_sessions(db, -1, 0)[0].total.usd == session.total().usd
    with closing(Store.open(tmp_path, pytest.fail)) as store:
        assert store.list()[0].total == session.total()


def test_a_session_that_an_older_smallchat_writes_is_counted_as_a_whole(tmp_path: Path) -> None:
    with closing(Store.open(tmp_path, pytest.fail)) as store:
        session = store.add(conversation("a", "b"))
        assert store.flush()
        with closing(sqlite3.connect(tmp_path / FILE_NAME)) as db, db:
            db.execute("UPDATE sessions SET costs = NULL")
        turn = store.begin_turn(session, "x")
        store.settle(store.begin_answer(turn, "fast", "gateway"), answer_of("fast", "x", usd="0.5"))
    with closing(Store.open(tmp_path, pytest.fail)) as store:
        assert store.list()[0].total == store.load(session).total()
        assert store.list()[0].total.usd == Decimal("0.5022176")
