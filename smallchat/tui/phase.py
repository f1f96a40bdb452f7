"""What an answer is doing right now, in a word and a symbol, so that no state is told by colour alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Tone = Literal["quiet", "busy", "good", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Phase:
    """A state for the pane's header."""

    symbol: str
    word: str
    tone: Tone

    def __str__(self) -> str:
        return f"{self.symbol} {self.word}"


READY = Phase("○", "ready", "quiet")
STARTING = Phase("◌", "starting…", "busy")
WAITING = Phase("◌", "waiting", "busy")
ITS_TURN = Phase("◌", "waits for its turn", "busy")
CONNECTING = Phase("◔", "connecting", "busy")
FIRST_TOKEN = Phase("◑", "waiting", "busy")
THINKING = Phase("◕", "thinking", "busy")
WRITING = Phase("●", "writing", "busy")
