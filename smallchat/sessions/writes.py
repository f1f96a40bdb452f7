"""What happens in a conversation, written: functions that the journal runs inside its transactions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from smallchat.metering.answer import Answer
from smallchat.metering.cost import Total
from smallchat.metering.events import Failure
from smallchat.sessions.costs import consulted_cost
from smallchat.sessions.rows import (
    full_record,
    mapping_to_json,
    storable,
    time_text,
    to_json,
)
from smallchat.sessions.session import AnswerId, Kept, Session, Turn, TurnId, title_of
from smallchat.sessions.session_writes import add_cost, insert_seating, insert_session, rename_session
from smallchat.sessions.vote import Vote, vote_record

CUT_OFF = Failure("connection", "smallchat ended while this answer was coming in", "Ask for it again.")


@dataclass(frozen=True, slots=True)
class Piece:
    """Text that came in for a running answer."""

    answer: AnswerId
    channel: str
    text: str


def insert_turn(db: sqlite3.Connection, session: str, turn: Turn) -> None:
    """Add ``turn`` without its answers, after the last turn of ``session``."""
    db.execute(
        "INSERT INTO turns (id, session, number, prompt, created, decision, budget)"
        " SELECT ?, ?, coalesce(max(number), 0) + 1, ?, ?, ?, ? FROM turns WHERE session = ?",
        (
            turn.id,
            session,
            storable(turn.prompt),
            time_text(turn.created),
            mapping_to_json(turn.decision),
            mapping_to_json(turn.budget),
            session,
        ),
    )
    db.execute(
        "UPDATE sessions SET turns = turns + 1, used = max(used, ?), "
        " title = iif(title = '', ?, title) WHERE id = ?",
        (turn.id, title_of(turn.prompt), session),
    )
    _index(db, turn.id, storable(turn.prompt))
    if (consulted := consulted_cost(turn.decision)) is not None:
        add_cost(db, session, Total().plus(consulted))


def update_turn(
    db: sqlite3.Connection,
    turn: TurnId,
    decision: Mapping[str, Any] | None,
    budget: Mapping[str, Any] | None,
) -> None:
    """Set what is not ``None``."""
    db.execute(
        "UPDATE turns SET decision = coalesce(?, decision), budget = coalesce(?, budget) WHERE id = ?",
        (mapping_to_json(decision), mapping_to_json(budget), turn),
    )


def set_vote(db: sqlite3.Connection, turn: TurnId, vote: Vote | None) -> None:
    """Keep a vote on ``turn``, instead of an earlier one; ``None`` takes that back."""
    if vote is None:
        db.execute("DELETE FROM votes WHERE turn = ?", (turn,))
        return
    db.execute(
        "INSERT INTO votes (turn, vote) SELECT ?, ? WHERE EXISTS (SELECT 1 FROM turns WHERE id = ?)"
        " ON CONFLICT (turn) DO UPDATE SET vote = excluded.vote",
        (turn, to_json(vote_record(vote)), turn),
    )


def insert_answer(db: sqlite3.Connection, turn: TurnId, kept: Kept, owner: str | None) -> None:
    """Add an answer that begins, after the answers its pane already has."""
    db.execute(
        "INSERT INTO answers"
        " (id, turn, pane, ordinal, chosen, model, provider, system, params, owner, status)"
        " SELECT ?, ?, ?, coalesce(max(ordinal), -1) + 1, ?, ?, ?, ?, ?, ?, 'running'"
        " FROM answers WHERE turn = ? AND pane = ?",
        (
            kept.id,
            turn,
            kept.pane,
            kept.id,
            storable(kept.answer.model),
            storable(kept.answer.provider),
            storable(kept.system),
            to_json(dict(kept.params)),
            owner,
            turn,
            kept.pane,
        ),
    )


def insert_pieces(db: sqlite3.Connection, pieces: Iterable[Piece]) -> None:
    """Append text to answers that still run."""
    db.executemany(
        "INSERT INTO pieces (answer, channel, text)"
        " SELECT ?, ?, ? WHERE EXISTS (SELECT 1 FROM answers WHERE id = ? AND status = 'running')",
        ((piece.answer, piece.channel, storable(piece.text), piece.answer) for piece in pieces),
    )


def settle_answer(db: sqlite3.Connection, id: AnswerId, answer: Answer) -> None:  # noqa: A002
    """Replace what was journalled of a running answer by the answer itself, and count its cost."""
    record = full_record(answer)
    text, reasoning = storable(record.pop("text")), storable(record.pop("reasoning"))
    changed = db.execute(
        "UPDATE answers SET status = ?, text = ?, reasoning = ?, record = ?, owner = NULL,"
        " model = ?, provider = ? WHERE id = ? AND status = 'running'",
        (
            answer.status,
            text,
            reasoning,
            to_json(record),
            storable(answer.model),
            storable(answer.provider),
            id,
        ),
    )
    db.execute("DELETE FROM pieces WHERE answer = ?", (id,))
    if changed.rowcount:
        _index(db, id, text)
        add_cost(db, _session_of(db, id), Total().with_answer(answer))


def choose_answer(db: sqlite3.Connection, id: AnswerId, key: int) -> None:  # noqa: A002
    """Make one of a pane's answers the one that the conversation goes on with."""
    db.execute("UPDATE answers SET chosen = ? WHERE id = ?", (key, id))


def journalled_text(db: sqlite3.Connection, answer: AnswerId) -> tuple[str, str]:
    """Return the text and the reasoning that a running answer has so far."""
    pieces = db.execute("SELECT channel, text FROM pieces WHERE answer = ? ORDER BY id", (answer,)).fetchall()
    text, reasoning = (
        "".join(part for channel, part in pieces if channel == want) for want in ("text", "reasoning")
    )
    return text, reasoning


def insert_whole(db: sqlite3.Connection, session: Session, key: int) -> None:
    """Add ``session`` with everything in it; its rows need ids that the store has not."""
    insert_session(db, session, key)
    for seating in session.seatings:
        insert_seating(db, session.id, seating)
    for turn in session.turns:
        insert_turn(db, session.id, turn)
        for kept in (*turn.alternatives, *turn.answers):  # the chosen one last
            insert_answer(db, turn.id, kept, owner=None)
            settle_answer(db, kept.id, kept.answer)
        if turn.vote is not None:
            set_vote(db, turn.id, turn.vote)
    rename_session(db, session.id, session.title)


def _index(db: sqlite3.Connection, id: int, text: str) -> None:  # noqa: A002
    db.execute("INSERT INTO words (rowid, text) VALUES (?, ?)", (id, text))


def _session_of(db: sqlite3.Connection, answer: AnswerId) -> str:
    """Return the session of an answer; "" in memory, after a damaged file took the session with it."""
    row = db.execute(
        "SELECT session FROM turns JOIN answers ON turns.id = turn WHERE answers.id = ?", (answer,)
    ).fetchone()
    return row[0] if row else ""
