"""Pictures of a rich answer, wide and narrow."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from textual.app import App, ComposeResult

from smallchat.tui.widgets.transcript import Transcript

if TYPE_CHECKING:
    from textual.pilot import Pilot

SAMPLE = Path(__file__).with_name("sample.md").read_text(encoding="utf-8")


class Gallery(App[None]):
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, theme: str) -> None:
        super().__init__()
        self.theme = theme

    def compose(self) -> ComposeResult:
        yield Transcript()


async def show_answer(pilot: Pilot[None]) -> None:
    transcript = pilot.app.query_one(Transcript)
    await pilot.pause()
    transcript.add_prompt("How do I sort a list?\nShow me code.")
    transcript.begin_answer()
    transcript.append("Sorting is asked for. I show **both** ways, briefly.\n\nThen the code.", "reasoning")
    transcript.append(SAMPLE)
    transcript.end_answer()
    transcript.add_note("temperature left out: this model refuses it")
    transcript.add_note("No key for anthropic: set ANTHROPIC_API_KEY", "error")
    while transcript.busy:
        await pilot.pause(0.01)
    await pilot.pause()


@pytest.mark.parametrize(
    ("theme", "size"), [("textual-dark", (80, 62)), ("textual-light", (38, 100))], ids=["wide", "narrow"]
)
def test_a_rich_answer(snap_compare, theme: str, size: tuple[int, int]) -> None:  # type: ignore[no-untyped-def]
    assert snap_compare(Gallery(theme), terminal_size=size, run_before=show_answer)
