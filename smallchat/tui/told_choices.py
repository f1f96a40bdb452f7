"""What was decided on each turn of a routed chat, as it is told: decided here, or read from a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smallchat.engine.choice_wording import opening_note
from smallchat.safe_text import safe_line
from smallchat.tui.question import Head

if TYPE_CHECKING:
    from smallchat.catalog.model import Model
    from smallchat.engine.choice import Choice
    from smallchat.engine.routing import Router
    from smallchat.sessions.session import Turn


class ToldChoices:
    """The choices by the number of their turn, without the messages, which would fill the memory."""

    def __init__(self, router: Router, consulted: Model | None) -> None:
        """Begin with none.

        Args:
            router: Reads them back.
            consulted: The second stage's model.
        """
        self._router, self._consulted = router, consulted
        self._choices: dict[int, Choice] = {}

    def __len__(self) -> int:
        return len(self._choices)

    def get(self, turn: int) -> Choice | None:
        """Return what was decided on the turn with that number; ``None`` when that is not known."""
        return self._choices.get(turn)

    def take(self, turn: int, choice: Choice) -> None:
        """Keep what was decided on the turn with that number."""
        self._choices[turn] = choice.to_tell()

    def clear(self) -> None:
        """Forget all: the next turn is the first one."""
        self._choices.clear()

    def write_head(self, choice: Choice, turn: int) -> Head:
        """Return what stands above the answer that ``choice`` leads to."""
        return Head(opening_note(choice, self._consulted), turn)

    def head_of(self, turn: Turn) -> Head | None:
        """Return what stood above the answer to a kept ``turn``, and who else gave it."""
        if turn.number not in self._choices and turn.decision is not None:
            restored = self._router.restore(turn.decision, turn.prompt)
            if restored is not None:
                self._choices[turn.number] = restored
        choice = self._choices.get(turn.number)
        if choice is None:
            return None
        head = self.write_head(choice, turn.number)
        if turn.answers and (name := turn.answers[0].answer.model) != choice.decision.model:
            answered = safe_line(f"→ {choice.decision.label(name)} answered", 80)
            return Head(f"{head.text}\n{answered}", head.about)
        return head
