"""A conversation as values: sessions, their turns, and the answers kept in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NewType

from smallchat.catalog.model import Model, Price
from smallchat.metering.answer import Answer
from smallchat.metering.cost import Total, sum_costs
from smallchat.safe_text import safe_line
from smallchat.sessions.costs import consulted_cost
from smallchat.sessions.seating import Seating
from smallchat.sessions.vote import Vote

TurnId = NewType("TurnId", int)
AnswerId = NewType("AnswerId", int)

TITLE_LENGTH = 60


@dataclass(frozen=True, slots=True)
class SessionModel:
    """A model that a session asks, with the price it had then.

    Attributes:
        name: The model's name in smallchat.
        provider: The provider's name in smallchat.
        wire_id: Its name on the wire.
        price: What it cost when the session began; ``None`` when nobody knew.
    """

    name: str
    provider: str
    wire_id: str
    price: Price | None = None

    @classmethod
    def of(cls, model: Model, price: Price | None) -> SessionModel:
        """Return what a session keeps of ``model``."""
        return cls(model.name, model.provider, model.wire_id, price)


@dataclass(frozen=True, slots=True)
class Origin:
    """The session that another one goes on from: up to ``turn``, with all models or with one ``model``."""

    session: str
    turn: int
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as the store keeps it.

    Attributes:
        answer: The answer; ``cut`` with the text so far while it is ``running``.
        system: The system prompt it was given.
        params: The parameters it was given, by their name on the wire.
        pane: Its place among the turn's answers, from 0.
        id: Its identity in the store; 0 when it is not in one.
        running: Whether somebody, perhaps another terminal, is still receiving it.
    """

    answer: Answer
    system: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    pane: int = 0
    id: AnswerId = AnswerId(0)
    running: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """A prompt with its answers.

    Attributes:
        number: Its place in the session, from 1.
        prompt: The user's prompt.
        created: When it was sent, UTC.
        answers: The chosen answer of each pane, by pane.
        alternatives: The answers that were not chosen, by pane and age.
        decision: How routing chose the model; ``None`` without routing.
        budget: What the ledger reserved and settled; ``None`` without one.
        id: Its identity in the store; 0 when it is not in one.
        vote: Which answer the user liked best while the names were hidden; ``None`` without a vote.
    """

    number: int
    prompt: str
    created: datetime
    answers: tuple[Kept, ...] = ()
    alternatives: tuple[Kept, ...] = ()
    decision: Mapping[str, Any] | None = None
    budget: Mapping[str, Any] | None = None
    id: TurnId = TurnId(0)
    vote: Vote | None = None

    def all_answers(self) -> Iterator[Kept]:
        """Yield the chosen answers, then the others."""
        yield from self.answers
        yield from self.alternatives

    def total(self) -> Total:
        """Return what the turn cost: all its answers, and asking which model should answer."""
        total = Total()
        for kept in self.all_answers():
            total = total.with_answer(kept.answer)
        consulted = consulted_cost(self.decision)
        return total if consulted is None else total.plus(consulted)

    def only(self, pane: int) -> Turn:
        """Return the turn with the answers of one pane alone, which is the first one there."""
        return replace(
            self,
            vote=None,
            answers=tuple(replace(kept, pane=0) for kept in self.answers if kept.pane == pane),
            alternatives=tuple(replace(kept, pane=0) for kept in self.alternatives if kept.pane == pane),
        )


@dataclass(frozen=True, slots=True)
class Session:
    """A whole conversation.

    Attributes:
        id: Its short name, such as ``k3x97fq2ab``.
        title: What it is about.
        created: When it began, UTC.
        mode: ``compare``, ``chat``, ``route`` or ``ask``.
        models: The models it asks, by pane.
        turns: Its turns, oldest first.
        version: The version of smallchat that began it.
        origin: The session it goes on from.
        seatings: Who sat in its panes, oldest first; none where that was not kept.
    """

    id: str
    title: str
    created: datetime
    mode: str
    models: tuple[SessionModel, ...]
    turns: tuple[Turn, ...] = ()
    version: str = ""
    origin: Origin | None = None
    seatings: tuple[Seating, ...] = ()

    def only_turn(self, number: int) -> Session:
        """Return the session with one of its turns alone, asked of who sat there then."""
        before = [seating for seating in self.seatings if seating.after < number]
        return replace(
            self,
            turns=tuple(turn for turn in self.turns if turn.number == number),
            seatings=tuple(replace(seating, after=0) for seating in before[-1:]),
        )

    def total(self) -> Total:
        """Return what all turns cost, answers that were not chosen included: they were paid for too."""
        return sum_costs(turn.total() for turn in self.turns)


def title_of(prompt: str) -> str:
    """Return a short, safe title for a session that begins with ``prompt``."""
    line = safe_line(next((line for line in prompt[:10_000].splitlines() if line.strip()), ""), 1000)
    if len(line) <= TITLE_LENGTH:
        return line or "Untitled"
    start = line[: TITLE_LENGTH - 1]
    return f"{start.rsplit(' ', 1)[0].rstrip(' ,;:.–-') or start}…"
