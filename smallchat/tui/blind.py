"""Answers without names: in which order they stand, and what may be said of them before the vote."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import SystemRandom
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smallchat.metering.answer import Answer
    from smallchat.sessions.session import TurnId
    from smallchat.sessions.vote import Verdict, Vote

LEAST_ANSWERS = 2
NAMES = ("first", "second", "third")

shuffle_panes: Callable[[list[int]], None] = SystemRandom().shuffle


@dataclass(frozen=True, slots=True)
class BlindTurn:
    """A prompt whose answers stand in an order that nobody knows.

    Attributes:
        prompt: The prompt.
        panes: The panes that were asked, in the order in which their answers stand.
    """

    prompt: str
    panes: tuple[int, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What the answers are called until the vote, from the left."""
        return NAMES[: len(self.panes)]

    def vote(self, answers: Sequence[Answer | None], verdict: Verdict, place: int | None = None) -> Vote:
        """Return a vote on ``answers``, which are told by pane; ``place`` counts from the left, from 0."""
        from smallchat.sessions.vote import Vote

        standing = (answers[pane] for pane in self.panes)
        return Vote(tuple(answer.model if answer else "" for answer in standing), verdict, place)


@dataclass(frozen=True, slots=True)
class Revealed:
    """What a blind turn came to.

    Attributes:
        answers: The settled answers by pane.
        turn: The turn in the store; ``None`` when it is not kept.
    """

    answers: tuple[Answer | None, ...]
    turn: TurnId | None


def hide_names(prompt: str, panes: Sequence[int]) -> BlindTurn:
    """Return a turn that asks ``prompt`` of ``panes``, their answers in an order of chance."""
    order = list(panes)
    shuffle_panes(order)
    return BlindTurn(prompt, tuple(order))


def can_be_judged(answers: Sequence[Answer | None]) -> bool:
    """Return whether there is something to compare: two answers with a text at the least."""
    return sum(bool(answer and answer.text.strip()) for answer in answers) >= LEAST_ANSWERS
