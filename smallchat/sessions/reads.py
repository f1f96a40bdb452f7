"""Everything that asks the store: sessions listed, loaded and found."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from smallchat.metering.answer import Answer
from smallchat.metering.cost import Total
from smallchat.migration import version_of
from smallchat.sessions.costs import read_total
from smallchat.sessions.rows import read_full_record, read_model, read_origin, read_time
from smallchat.sessions.schema import COSTS_SINCE, SEATINGS_SINCE, VOTES_SINCE
from smallchat.sessions.seating import Seating, read_places
from smallchat.sessions.session import AnswerId, Kept, Session, Turn, TurnId
from smallchat.sessions.summary import Summary
from smallchat.sessions.vote import Vote, read_vote
from smallchat.sessions.writes import CUT_OFF, journalled_text

_SUMMARY_COLUMNS = (
    "sessions.id, sessions.title, sessions.created, sessions.used, sessions.mode, sessions.models,"
    " sessions.turns, sessions.usd"
)


def summary_columns(db: sqlite3.Connection) -> str:
    """Return the columns of a query that :func:`read_summary` reads."""
    costs = "sessions.costs" if version_of(db) >= COSTS_SINCE else "NULL"
    return f"{_SUMMARY_COLUMNS}, {costs}"


def list_sessions(db: sqlite3.Connection, limit: int, offset: int, *, by_use: bool = False) -> list[Summary]:
    """Return sessions, newest first or last used first; a negative ``limit`` returns all."""
    rows = db.execute(
        f"SELECT {summary_columns(db)} FROM sessions WHERE deleted IS NULL"
        f" ORDER BY {'used' if by_use else 'key'} DESC LIMIT ? OFFSET ?",
        (limit, offset),
    )
    return [read_summary(row) for row in rows]


def read_summary(row: tuple[Any, ...]) -> Summary:
    """Return the session in the ``summary_columns`` of a row."""
    id, title, created, used, mode, models, turns, usd, costs = row  # noqa: A001
    return Summary(
        id=id,
        title=title or "Untitled",
        created=read_time(created),
        used=datetime.fromtimestamp((used >> 20) / 1000, UTC),
        mode=mode,
        models=_model_names(models),
        turns=turns,
        total=Total(Decimal(usd)) if costs is None else read_total(costs),
    )


@lru_cache(maxsize=256)
def _model_names(models: str) -> tuple[str, ...]:
    """Return the names in a session's models: most sessions have the same ones."""
    return tuple(model["name"] for model in json.loads(models))


def list_prompts(db: sqlite3.Connection, words: str, limit: int, longest: int) -> list[str]:
    """Return prompts that contain ``words``, newest first, each once; none longer than ``longest``."""
    rows = db.execute(
        "SELECT prompt FROM turns JOIN sessions ON sessions.id = turns.session WHERE deleted IS NULL"
        " AND length(prompt) <= ? AND prompt LIKE ? ESCAPE '\\'"
        " GROUP BY prompt ORDER BY max(turns.id) DESC LIMIT ?",
        (longest, pattern_of(words), limit),
    )
    return [prompt for (prompt,) in rows]


def pattern_of(text: str) -> str:
    """Return what LIKE, with a backslash as its escape, takes for any text with ``text`` in it."""
    plain = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{plain}%"


def find_ids(db: sqlite3.Connection, prefix: str, *, deleted: bool = False) -> list[str]:
    """Return the ids that begin with ``prefix``, which has no wildcards; at most three."""
    rows = db.execute(
        "SELECT id FROM sessions WHERE id >= ? AND id < ? AND (deleted IS NOT NULL) = ? LIMIT 3",
        (prefix, prefix + "~", deleted),
    )
    return [id for (id,) in rows]  # noqa: A001


def last_used(db: sqlite3.Connection) -> tuple[int, str] | None:
    """Return when a session was last used, and which one; ``None`` without any."""
    row: tuple[int, str] | None = db.execute(
        "SELECT used, id FROM sessions WHERE deleted IS NULL ORDER BY used DESC LIMIT 1"
    ).fetchone()
    return row


def load_session(db: sqlite3.Connection, id: str) -> Session | None:  # noqa: A002
    """Return the session with everything in it, deleted or not; ``None`` when there is none."""
    row = db.execute(
        "SELECT title, created, mode, models, version, origin FROM sessions WHERE id = ?", (id,)
    ).fetchone()
    if row is None:
        return None
    title, created, mode, models, version, origin = row
    return Session(
        id=id,
        title=title or "Untitled",
        created=read_time(created),
        mode=mode,
        models=tuple(read_model(record) for record in json.loads(models)),
        turns=tuple(_load_turns(db, id)),
        version=version,
        origin=read_origin(json.loads(origin) if origin else None),
        seatings=tuple(_load_seatings(db, id)),
    )


def _load_seatings(db: sqlite3.Connection, session: str) -> Iterator[Seating]:
    if version_of(db) < SEATINGS_SINCE:
        return  # an older store that can only be read
    rows = db.execute("SELECT turns, models FROM seatings WHERE session = ? ORDER BY turns", (session,))
    for turns, models in rows:
        yield Seating(turns, read_places(json.loads(models)))


def _load_turns(db: sqlite3.Connection, session: str) -> Iterator[Turn]:
    panes, votes = _load_panes(db, session), _load_votes(db, session)
    rows = db.execute(
        "SELECT id, number, prompt, created, decision, budget FROM turns WHERE session = ? ORDER BY number",
        (session,),
    )
    for id, number, prompt, created, decision, budget in rows:  # noqa: A001
        yield Turn(
            number=number,
            prompt=prompt,
            created=read_time(created),
            answers=tuple(answers[-1] for answers in panes[id]),
            alternatives=tuple(kept for answers in panes[id] for kept in answers[:-1]),
            decision=json.loads(decision) if decision else None,
            budget=json.loads(budget) if budget else None,
            id=TurnId(id),
            vote=votes.get(id),
        )


def _load_votes(db: sqlite3.Connection, session: str) -> dict[int, Vote]:
    """Return the votes on a session's turns, by turn."""
    if version_of(db) < VOTES_SINCE:
        return {}  # an older store that can only be read
    rows = db.execute(
        "SELECT turn, vote FROM votes JOIN turns ON turns.id = turn WHERE session = ?", (session,)
    )
    votes = {turn: read_vote(json.loads(vote)) for turn, vote in rows}
    return {turn: vote for turn, vote in votes.items() if vote is not None}


def voted_sessions(db: sqlite3.Connection) -> list[str]:
    """Return the ids of the sessions with a vote in them, deleted ones left out."""
    if version_of(db) < VOTES_SINCE:
        return []
    rows = db.execute(
        "SELECT DISTINCT sessions.id FROM votes JOIN turns ON turns.id = turn"
        " JOIN sessions ON sessions.id = session WHERE deleted IS NULL"
    )
    return [id for (id,) in rows]  # noqa: A001


def _load_panes(db: sqlite3.Connection, session: str) -> defaultdict[int, list[list[Kept]]]:
    """Return for each turn its panes, and for each pane its answers, the chosen one last."""
    panes: defaultdict[int, list[list[Kept]]] = defaultdict(list)
    rows = db.execute(
        "SELECT turn, answers.id, pane, model, provider, system, params, status, text, reasoning, record"
        " FROM answers JOIN turns ON turns.id = turn WHERE session = ? ORDER BY turn, pane, chosen",
        (session,),
    ).fetchall()
    for turn, *columns in rows:
        kept = _read_kept(db, *columns)
        if panes[turn] and panes[turn][-1][0].pane == kept.pane:
            panes[turn][-1].append(kept)
        else:
            panes[turn].append([kept])
    return panes


def _read_kept(
    db: sqlite3.Connection,
    id: AnswerId,  # noqa: A002
    pane: int,
    model: str,
    provider: str,
    system: str,
    params: str,
    status: str,
    text: str,
    reasoning: str,
    record: str | None,
) -> Kept:
    if record is None:
        text, reasoning = journalled_text(db, id)
        answer = Answer(model, provider, "cut", text=text, reasoning=reasoning, attempts=1, error=CUT_OFF)
    else:
        answer = read_full_record({**json.loads(record), "text": text, "reasoning": reasoning})
    return Kept(answer, system, json.loads(params), pane, id, running=status == "running")
