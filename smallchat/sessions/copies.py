"""Sessions made from others: one pane alone, an earlier point, a copy of one from a file."""

from __future__ import annotations

from dataclasses import replace

from smallchat import __version__
from smallchat.safe_text import safe_line
from smallchat.sessions.names import new_key, new_session_id
from smallchat.sessions.rows import now
from smallchat.sessions.seating import find_seated, seat_alone
from smallchat.sessions.session import AnswerId, Kept, Origin, Session, Turn, TurnId


def with_pane_alone(session: Session, place: int) -> Session | None:
    """Return ``session`` as a chat with one pane: its prompts, and all that was answered there.

    Earlier models of that pane are among those of the chat, after the one that goes on. ``None`` when
    nobody sits at ``place``.
    """
    model = find_seated(session).get(place)
    if model is None:
        return None
    turns = tuple(turn.only(place) for turn in session.turns)
    spoke = {kept.answer.model for turn in turns for kept in turn.all_answers()}
    models = [known for known in session.models if known.name == model]
    models += [known for known in session.models if known.name in spoke - {model}]
    return replace(
        session,
        mode="chat",
        models=tuple(models),
        turns=turns,
        origin=Origin(session.id, len(turns), model),
        seatings=seat_alone(session, place),
    )


def up_to_turn(session: Session, number: int) -> Session:
    """Return ``session`` as it was after its turn ``number``, counted from 1; 0 leaves none."""
    # A vote counts once: where it was given.
    turns = tuple(replace(turn, vote=None) for turn in session.turns[: max(number, 0)])
    seatings = tuple(seating for seating in session.seatings if seating.after <= len(turns))
    return replace(session, turns=turns, seatings=seatings, origin=Origin(session.id, len(turns)))


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
