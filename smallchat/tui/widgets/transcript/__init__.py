"""The transcript of a pane: prompts, answers streaming as Markdown, notes, in one line-API widget."""

from smallchat.tui.widgets.transcript.highlighting import warm_highlighting
from smallchat.tui.widgets.transcript.inline import warm_inline
from smallchat.tui.widgets.transcript.widget import Transcript

__all__ = ["Transcript", "warm_transcript"]


def warm_transcript() -> None:
    """Import and build what the first answer would else wait for; call it in a thread once the app is up."""
    warm_inline()
    warm_highlighting()
