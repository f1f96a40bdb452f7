"""Which answer of a turn the user liked best, without knowing whose it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

Verdict = Literal["best", "tie", "all_bad"]
MOST_MODELS = 1000


@dataclass(frozen=True, slots=True)
class Vote:
    """A vote on a turn whose names were hidden.

    Attributes:
        models: Who had answered, in the order in which the answers stood.
        verdict: ``best`` for one of them, ``tie``, or ``all_bad``.
        place: The best one's place in ``models``, from 0; ``None`` without one.
    """

    models: tuple[str, ...]
    verdict: Verdict
    place: int | None = None

    def __post_init__(self) -> None:
        """Refuse what is no vote.

        Raises:
            ValueError: The verdict is no verdict, or the best answer is none of those that stood there.
        """
        if self.verdict not in get_args(Verdict):
            raise ValueError(f"vote: verdict should be one of {', '.join(get_args(Verdict))}")
        if (self.place is not None) != (self.verdict == "best"):
            raise ValueError("vote: the best one, and only it, has a place")
        if self.place is not None and not 0 <= self.place < len(self.models):
            raise ValueError("vote: place should be that of one of the models")


def vote_record(vote: Vote) -> dict[str, Any]:
    """Return ``vote`` ready for JSON."""
    return {"models": list(vote.models), "verdict": vote.verdict, "place": vote.place}


def read_vote(record: Mapping[str, Any] | None) -> Vote | None:
    """Return the vote that :func:`vote_record` was given; ``None`` for none.

    Raises:
        ValueError: The record, perhaps somebody else's, has not the shape of one.
    """
    if record is None:
        return None
    if not isinstance(record, Mapping):
        raise ValueError("vote should be an object")
    models, verdict, place = (record.get(key) for key in ("models", "verdict", "place"))
    if not isinstance(models, list) or not all(isinstance(model, str) for model in models):
        raise ValueError("vote: models should be a list of names")
    if len(models) > MOST_MODELS or not isinstance(verdict, str):
        raise ValueError("vote: verdict should be a word")
    if isinstance(place, bool) or not isinstance(place, int | None):
        raise ValueError("vote: place should be a number")
    return Vote(tuple(models), verdict, place)  # type: ignore[arg-type]
