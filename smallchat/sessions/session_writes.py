"""Everything that changes the rows of sessions themselves; turns and answers are ``writes``'s."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime

from smallchat.metering.cost import Total, sum_costs, usd_text
from smallchat.sessions.costs import read_total, total_to_json
from smallchat.sessions.rows import (
    mapping_to_json,
    model_record,
    origin_record,
    storable,
    time_text,
    to_json,
)
from smallchat.sessions.seating import Seating, seating_record
from smallchat.sessions.session import Session, SessionModel


def insert_session(db: sqlite3.Connection, session: Session, key: int) -> None:
    """Add ``session`` without its turns."""
    db.execute(
        "INSERT INTO sessions (key, id, title, created, used, mode, models, version, origin, costs)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '{}')",
        (
            key,
            session.id,
            storable(session.title),
            time_text(session.created),
            key,
            storable(session.mode),
            _models_json(session.models),
            session.version,
            mapping_to_json(origin_record(session.origin)),
        ),
    )


def rename_session(db: sqlite3.Connection, session: str, title: str) -> None:
    """Give ``session`` another title."""
    db.execute("UPDATE sessions SET title = ? WHERE id = ?", (title, session))


def set_models(db: sqlite3.Connection, session: str, models: Iterable[SessionModel]) -> None:
    """Replace the models that ``session`` asks."""
    db.execute("UPDATE sessions SET models = ? WHERE id = ?", (_models_json(models), session))


def set_seating(db: sqlite3.Connection, session: str, seated: Mapping[int, str]) -> None:
    """Keep who sits in the panes of ``session`` from now on."""
    row = db.execute("SELECT turns FROM sessions WHERE id = ?", (session,)).fetchone()
    if row is not None:
        insert_seating(db, session, Seating(row[0], seated))


def insert_seating(db: sqlite3.Connection, session: str, seating: Seating) -> None:
    """Keep ``seating``, instead of an earlier one between the same turns."""
    names = {place: storable(name) for place, name in seating.models.items()}
    models = seating_record(Seating(seating.after, names))["models"]
    db.execute(
        "INSERT OR REPLACE INTO seatings (session, turns, models) VALUES (?, ?, ?)",
        (session, seating.after, to_json(models)),
    )


def set_deleted(db: sqlite3.Connection, session: str, when: datetime | None) -> None:
    """Delete ``session``, or with ``None`` take it back."""
    db.execute("UPDATE sessions SET deleted = ? WHERE id = ?", (when and time_text(when), session))


def set_total(db: sqlite3.Connection, session: str, total: Total) -> None:
    """Keep what ``session`` cost."""
    db.execute(
        "UPDATE sessions SET usd = ?, costs = ? WHERE id = ?",
        (usd_text(total.usd), total_to_json(total), session),
    )


def add_cost(db: sqlite3.Connection, session: str, more: Total) -> None:
    """Count ``more`` into what ``session`` cost; nowhere when there is no such session."""
    row = db.execute("SELECT costs FROM sessions WHERE id = ?", (session,)).fetchone()
    if row is None or row[0] is None or more == Total():
        return  # what an older smallchat, in another terminal, has written is counted as a whole
    set_total(db, session, sum_costs((read_total(row[0]), more)))


def _models_json(models: Iterable[SessionModel]) -> str:
    return to_json([model_record(model) for model in models])
