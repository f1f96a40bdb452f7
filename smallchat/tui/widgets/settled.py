"""Settled answers and whole turns, written into a transcript or into what will stand above it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smallchat.safe_text import safe_line
from smallchat.tui.endings import explain_ending, explain_validity

if TYPE_CHECKING:
    from smallchat.metering.answer import Answer
    from smallchat.tui.question import Head
    from smallchat.tui.widgets.transcript import Transcript
    from smallchat.tui.widgets.transcript.document import Document


def settle_answer(page: Transcript | Document, answer: Answer, told: str = "") -> None:
    """End the answer on ``page``, and say how it ended and whether it follows its schema.

    Args:
        page: Where the answer is written.
        answer: The answer.
        told: What was said of its failure already.
    """
    page.end_answer()
    if ending := explain_ending(answer, told):
        page.add_note(*ending)
    if verdict := explain_validity(answer):
        page.add_note(*verdict)


def write_turn(
    page: Transcript | Document, prompt: str, head: Head | None, answer: Answer | None, others: int
) -> None:
    """Write a turn of a session that goes on.

    Args:
        page: Where to.
        prompt: The prompt.
        head: What stands above the answer.
        answer: What the pane answered; ``None`` if it was not asked.
        others: How many other answers of the pane are kept.
    """
    page.add_prompt(prompt)
    if head is not None:
        page.add_note(head.text, about=head.about)
    if answer is None:
        page.add_note("Not asked.")
        return
    page.begin_answer()
    page.append(answer.reasoning, "reasoning")
    page.append(answer.text)
    for note in answer.notes:
        page.add_note(safe_line(note, 400))
    settle_answer(page, answer)
    if others:
        page.add_note(f"{others} other answer{'s are' if others > 1 else ' is'} kept.")
