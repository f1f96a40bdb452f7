"""A prompt on its way to the panes, before it is known whether it may leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smallchat.engine.order import Order
    from smallchat.providers.base import Image


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above an answer.

    Attributes:
        text: The lines.
        about: What a click on them is about; ``None`` for nothing.
    """

    text: str
    about: object = None


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of which panes.

    Attributes:
        prompt: The prompt.
        order: What would be sent: one lane for each of ``panes``.
        panes: Which panes are asked, from 0.
        again: Whether it takes the place of the pane's last answer.
        shown: Whether the panes show the prompt already: it was written before the start.
        head: What the asked panes say above the answer: who answers, and why.
        note: What the asked panes should say about it.
        left_out: What panes that are not asked say about it; those not in it, that the budget was why.
    """

    prompt: str
    order: Order
    panes: tuple[int, ...]
    again: bool = False
    shown: bool = False
    head: Head | None = None
    note: str = ""
    left_out: Mapping[int, str] = field(default_factory=dict)

    @property
    def images(self) -> tuple[Image, ...]:
        """The pictures that go with the prompt."""
        return self.order.lanes[0].messages[-1].images

    def only(self, lanes: Sequence[int], note: str = "", why: str = "") -> Question:
        """Return the question to these of its lanes alone, told by their place; ``why`` tells the others."""
        panes = tuple(self.panes[lane] for lane in lanes)
        left_out = {pane: why for pane in self.panes if why and pane not in panes}
        order = self.order.only(lanes)
        return replace(self, order=order, panes=panes, note=note, left_out={**self.left_out, **left_out})

    def shortened(self, tokens: int) -> Question:
        """Return the question for answers of ``tokens`` tokens at most."""
        note = f"Asked for {tokens:,} tokens at most, to stay in the budget."
        return replace(self, order=self.order.with_max_output(tokens), note=note)

    def forced(self) -> Question:
        """Return the question to be sent over the budget's caps."""
        note = "Sent despite the budget, as you said."
        return replace(self, order=replace(self.order, force=True), note=note)
