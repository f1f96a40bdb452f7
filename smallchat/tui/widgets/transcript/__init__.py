"""The transcript of a pane: prompts, answers streaming as Markdown, notes, in one line-API widget."""

from smallchat.tui.widgets.transcript.widget import Transcript

__all__ = ["Transcript"]
