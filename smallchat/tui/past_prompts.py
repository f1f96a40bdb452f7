"""Earlier prompts as the up key goes through them."""

from __future__ import annotations

from collections.abc import Sequence


class PastPrompts:
    """A place among earlier prompts, the newest first; before the newest is the draft."""

    def __init__(self) -> None:
        """Begin at the draft, with no prompts."""
        self._prompts: Sequence[str] = ()
        self._at = -1

    @property
    def at_draft(self) -> bool:
        """Whether none of them is shown."""
        return self._at < 0

    def begin(self, prompts: Sequence[str]) -> None:
        """Go through ``prompts``, from the draft."""
        self._prompts, self._at = prompts, -1

    def older(self) -> str | None:
        """Go to the next older prompt and return it; ``None`` when there is none."""
        if self._at + 1 >= len(self._prompts):
            return None
        self._at += 1
        return self._prompts[self._at]

    def newer(self) -> str | None:
        """Go to the next newer prompt and return it; ``None`` for the draft."""
        self._at = max(-1, self._at - 1)
        return None if self._at < 0 else self._prompts[self._at]
