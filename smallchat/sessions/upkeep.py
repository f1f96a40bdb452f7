"""What a store needs when it is opened: answers of dead processes settled, deleted sessions purged."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from smallchat.metering.answer import Answer, Cost
from smallchat.metering.cost import Total
from smallchat.metering.usage import Usage
from smallchat.sessions.costs import consulted_cost
from smallchat.sessions.rows import now, read_model, time_text
from smallchat.sessions.session_writes import set_total
from smallchat.sessions.writes import CUT_OFF, journalled_text, settle_answer

KEPT_AFTER_DELETION = timedelta(days=30)


def clean_up(db: sqlite3.Connection, is_alive: Callable[[str], bool]) -> None:
    """Do what a store needs when it is opened."""
    count_costs(db)
    settle_abandoned(db, is_alive)
    purge(db, now() - KEPT_AFTER_DELETION)


def count_costs(db: sqlite3.Connection) -> None:
    """Count what sessions of an older version cost: a few seconds for ten thousand of them, once."""
    totals = {id: Total() for (id,) in db.execute("SELECT id FROM sessions WHERE costs IS NULL")}  # noqa: A001
    if not totals:
        return
    answers = db.execute(
        "SELECT session, status, json_extract(record, '$.usage') IS NOT NULL,"
        " json_extract(record, '$.cost.usd'), json_extract(record, '$.cost.state')"
        " FROM answers JOIN turns ON turns.id = turn WHERE status != 'running'"
    )
    for session, status, used, usd, state in answers:
        if session in totals:
            cost = Cost(None if usd is None else Decimal(usd), state)
            answer = Answer("", "", status, usage=Usage(0, 0) if used else None, cost=cost)
            totals[session] = totals[session].with_answer(answer)
    decisions = db.execute("SELECT session, decision FROM turns WHERE decision IS NOT NULL")
    for session, decision in decisions:
        if session in totals and (consulted := consulted_cost(json.loads(decision))) is not None:
            totals[session] = totals[session].plus(consulted)
    for session, total in totals.items():
        set_total(db, session, total)


def settle_abandoned(db: sqlite3.Connection, is_alive: Callable[[str], bool]) -> None:
    """Settle the answers whose process died: they become ``cut``, with the text that was journalled."""
    owners = db.execute("SELECT DISTINCT owner FROM answers WHERE owner IS NOT NULL").fetchall()
    for (owner,) in owners:
        if is_alive(owner):
            continue
        running = db.execute(
            "SELECT answers.id, model, provider, models FROM answers JOIN turns ON turns.id = turn"
            " JOIN sessions ON sessions.id = session WHERE owner = ?",
            (owner,),
        ).fetchall()
        for id, model, provider, models in running:  # noqa: A001
            text, reasoning = journalled_text(db, id)
            cost = _unknown_cost(model, models)
            answer = Answer(
                model, provider, "cut", text=text, reasoning=reasoning, attempts=1, cost=cost, error=CUT_OFF
            )
            settle_answer(db, id, answer)


def purge(db: sqlite3.Connection, before: datetime) -> None:
    """Remove for good what was deleted before ``before``."""
    gone = db.execute("SELECT id FROM sessions WHERE deleted < ?", (time_text(before),)).fetchall()
    for (session,) in gone:
        for id, text in _passages_of(db, session):  # noqa: A001
            db.execute("INSERT INTO words (words, rowid, text) VALUES ('delete', ?, ?)", (id, text))
        db.execute("DELETE FROM sessions WHERE id = ?", (session,))


def _passages_of(db: sqlite3.Connection, session: str) -> list[tuple[int, str]]:
    return db.execute(
        "SELECT id, prompt FROM turns WHERE session = ?1 UNION ALL SELECT answers.id, text FROM answers"
        " JOIN turns ON turns.id = turn WHERE session = ?1 AND status != 'running'",
        (session,),
    ).fetchall()


def _unknown_cost(model: str, models: str) -> Cost:
    price = next((m.price for m in map(read_model, json.loads(models)) if m.name == model), None)
    if price is None:
        return Cost(usd=None, state="no_price")
    return Cost(usd=None, state="lower_bound", price_as_of=price.as_of, price_source=price.source)
