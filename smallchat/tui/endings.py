"""How an answer ended, in a word and in what the user should be told about it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from smallchat.safe_text import safe_line
from smallchat.tui.phase import Phase

if TYPE_CHECKING:
    from smallchat.metering.answer import Answer, Status
    from smallchat.metering.events import Failure

_ENDINGS: dict[Status, Phase] = {
    "ok": Phase("✓", "done", "good"),
    "length": Phase("✓", "done, at the limit", "warn"),
    "refused": Phase("⊘", "refused", "warn"),
    "cancelled": Phase("■", "stopped", "warn"),
    "cut": Phase("✗", "cut off", "bad"),
    "error": Phase("✗", "error", "bad"),
}


def ending_of(answer: Answer) -> Phase:
    """Return the phase of a settled answer."""
    return _ENDINGS[answer.status]


def explain_ending(answer: Answer, told: str = "") -> tuple[str, Literal["note", "error"]] | None:
    """Return a text and whether it is an error; ``None`` when the answer just ended well.

    Args:
        answer: The settled answer.
        told: What the user was told already about an attempt that failed.
    """
    if answer.status == "length":
        return (
            'The answer reached its limit of tokens: raise "Longest answer" in the settings for longer ones.',
            "note",
        )
    if answer.status == "refused":
        reason = f" ({safe_line(answer.finish_reason, 60)})" if answer.finish_reason else ""
        return f"The model, or its provider's filter, refused to answer{reason}.", "note"
    if answer.status == "cancelled":
        kept = answer.text or answer.reasoning
        return "Stopped. What had arrived is kept." if kept else "Stopped before anything arrived.", "note"
    if answer.error is not None:
        failure = answer.error
        if failure.message == told:
            failure = replace(failure, message=f"Gave up after {answer.attempts} attempts.")
        return describe_failure(failure), "error"
    return None


def explain_validity(answer: Answer) -> tuple[str, Literal["note", "error"]] | None:
    """Return whether a whole answer follows its JSON schema; ``None`` when it was given none."""
    if answer.schema is None or answer.status not in ("ok", "length"):
        return None
    from smallchat.metering.wording import describe_validity

    told = safe_line(describe_validity(answer.schema).removeprefix("✗ "), 400)
    return told, "error" if answer.schema.valid is False else "note"  # an error has its sign


def describe_failure(failure: Failure) -> str:
    """Return what happened, and on a line of its own what to do about it."""
    message, hint = safe_line(failure.message, 400), safe_line(failure.hint, 400)
    return f"{message}\n{hint}" if hint else message
