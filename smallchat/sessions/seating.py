"""Who sits where: the panes of a session and the models in them, which may change between prompts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smallchat.sessions.session import Session

MOST_PLACES = 1000
MOST_TURNS = 1_000_000


@dataclass(frozen=True, slots=True)
class Seating:
    """Who sits in a session's panes from some point on. A place that is not named has ended.

    Attributes:
        after: How many turns there were by then.
        models: The name of each pane's model, by the pane's place among all that the session ever had.
    """

    after: int
    models: Mapping[int, str]


def find_seated(session: Session) -> dict[int, str]:
    """Return the model of each pane that goes on, by its place, in order.

    What was answered after the last seating counts too: another terminal may have asked there.
    """
    if session.seatings:
        latest = session.seatings[-1]
        seated = dict(latest.models)
    else:
        latest = Seating(0, {})
        seated = _guess_set_up(session)
    for turn in session.turns:
        if turn.number > latest.after:
            seated.update((kept.pane, kept.answer.model) for kept in turn.answers)
    return dict(sorted(seated.items()))


def seat_alone(session: Session, place: int) -> tuple[Seating, ...]:
    """Return who sat at one place, as the first pane of a session of its own."""
    return tuple(
        Seating(seating.after, {0: seating.models[place]})
        for seating in session.seatings
        if place in seating.models
    )


def seating_record(seating: Seating) -> dict[str, Any]:
    """Return ``seating`` ready for JSON."""
    return {"after": seating.after, "models": {str(place): name for place, name in seating.models.items()}}


def read_seatings(records: Any) -> tuple[Seating, ...]:
    """Return the seatings that :func:`seating_record` was given; none for ``None``.

    Raises:
        ValueError: The records, perhaps somebody else's, have not the shape of seatings.
    """
    if records is None:
        return ()
    if not isinstance(records, list):
        raise ValueError("panes should be a list")
    return tuple(sorted(map(_read_seating, records), key=lambda seating: seating.after))


def read_places(record: Any) -> dict[int, str]:
    """Return the names of models by place, which JSON knows as texts.

    Raises:
        ValueError: There is another shape.
    """
    if not isinstance(record, Mapping) or not all(isinstance(name, str) for name in record.values()):
        raise ValueError("panes: models should be names by place")
    places = {int(place): name for place, name in record.items() if str(place).isascii()}
    if len(places) < len(record) or not all(0 <= place < MOST_PLACES for place in places):
        raise ValueError("panes: a place should be a small number")
    return places


def _read_seating(record: Any) -> Seating:
    after = record.get("after") if isinstance(record, Mapping) else None
    if isinstance(after, bool) or not isinstance(after, int) or not 0 <= after <= MOST_TURNS:
        raise ValueError("panes: after should be a number of turns")
    return Seating(after, read_places(record["models"]))


def _guess_set_up(session: Session) -> dict[int, str]:
    """Return where the models sat that a session without seatings began with, as far as it can be told."""
    last = {kept.pane: kept.answer.model for turn in session.turns for kept in turn.answers}
    asked = {kept.answer.model for turn in session.turns for kept in turn.all_answers()}
    at_work = set(last.values())
    # A model that answered once, and no pane's last one, has given its place to another.
    set_up = [model.name for model in session.models if model.name in at_work or model.name not in asked]
    return {place: name for place, name in enumerate(set_up) if place in last or name not in at_work}
