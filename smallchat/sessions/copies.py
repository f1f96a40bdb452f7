"""Sessions made from others: one pane alone, an earlier point, a copy of one from a file."""

from __future__ import annotations

from dataclasses import replace

from smallchat import __version__
from smallchat.safe_text import safe_line
from smallchat.sessions.names import new_key, new_session_id
from smallchat.sessions.rows import now
from smallchat.sessions.session import AnswerId, Kept, Origin, Session, Turn, TurnId


def with_model_alone(session: Session, model: str) -> Session:
    """Return ``session`` as a chat with ``model``: its prompts, and the answers of that model."""
    return replace(
        session,
        mode="chat",
        models=tuple(known for known in session.models if known.name == model),
        turns=tuple(turn.only(model) for turn in session.turns),
        origin=Origin(session.id, len(session.turns), model),
    )


def up_to_turn(session: Session, number: int) -> Session:
    """Return ``session`` as it was after its turn ``number``, counted from 1; 0 leaves none."""
    # A vote counts once: where it was given.
    turns = tuple(replace(turn, vote=None) for turn in session.turns[: max(number, 0)])
    return replace(session, turns=turns, origin=Origin(session.id, len(turns)))


def renewed(session: Session) -> Session:
    """Return ``session`` with an id and rows of its own, begun now."""
    return replace(
        session,
        id=new_session_id(),
        title=safe_line(session.title),
        created=now(),
        version=__version__,
        turns=tuple(_renewed_turn(turn) for turn in session.turns),
    )


def _renewed_turn(turn: Turn) -> Turn:
    def renew(answers: tuple[Kept, ...]) -> tuple[Kept, ...]:
        return tuple(replace(kept, id=AnswerId(new_key()), running=False) for kept in answers)

    id_first = TurnId(new_key())  # older than its answers, as in a conversation
    return replace(turn, id=id_first, alternatives=renew(turn.alternatives), answers=renew(turn.answers))
