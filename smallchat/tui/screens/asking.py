"""From the composer to a question: what the draft would take, whom it asks, what is stopped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import events, on

from smallchat.tui.enclosed import is_blind_to, leave_out_blind, tell_blind
from smallchat.tui.phase import STARTING
from smallchat.tui.screens.admission import AdmissionScreen
from smallchat.tui.widgets.composer import Composer
from smallchat.tui.widgets.send_line import SendLine
from smallchat.tui.widgets.transcript import Transcript

if TYPE_CHECKING:
    from smallchat.metering.answer import Answer
    from smallchat.tui.widgets.pane import Pane

ASK_AGAIN, ENTER_KEY = "ask again", "enter a key"  # what notes below a failed answer are about
_PASSING = frozenset({"rate_limit", "overloaded", "server", "timeout", "connection", "tls", "protocol"})


class AskingScreen(AdmissionScreen):
    """A screen that sends what its composer gives it, one question at a time."""

    def __init__(self, names: Sequence[str]) -> None:
        """Make a composer and a pane for each of ``names``."""
        super().__init__(names)
        self._waiting: str | None = None

    @property
    def running(self) -> bool:
        """Whether any answer is on its way, or waits for the start or for the budget."""
        if self._waiting is not None or self.asking:
            return True
        return self.comparison is not None and self.comparison.running

    def find_obstacle(self, action: str, parameters: tuple[object, ...] = ()) -> str | None:
        """Return why ``action`` can not be done now."""
        pane = self.row.current
        if action == "retry_pane" and (self.asking or pane.busy):
            return "The answer still comes in: stop it first ({stop_all})."
        if action == "retry_pane" and not (self.comparison and self.comparison.can_ask_again(pane.index)):
            return "Nothing was asked here yet."
        return super().find_obstacle(action, parameters)

    # A draft

    @on(Composer.Drafted)
    def _forecast_draft(self) -> None:
        self.forecast()

    def forecast(self) -> None:
        """Show soon what sending the draft would take, or that there is none."""
        if self.asking:
            return  # the line tells what is waited for
        line, draft = self.query_one(SendLine), self.composer.prompt
        if self.backend is None or self.comparison is None or not draft.strip():
            line.forget()
        else:
            self.comparison.enclosed = self.enclosed
            question = leave_out_blind(self.comparison.question(draft))
            if question.panes:
                line.consider(self.backend, question.order)
            else:
                line.warn("None of these models can see images.")

    # Asking

    @on(Composer.Submitted)
    def _submit(self, message: Composer.Submitted) -> None:
        if self.running:
            self.composer.take_back(message.prompt)
            self.toast(
                "The panes still answer. Your text is kept: send it when they are done, or press Esc first."
            )
        elif self.comparison is None:
            self._waiting = message.prompt
            for pane in self.row.panes:
                pane.begin(message.prompt, STARTING)
        else:
            self.put(message.prompt)

    @on(Composer.NothingWritten)
    def _ask_for_words(self) -> None:
        if self.enclosed.files:
            self.toast("Write a prompt to go with what is attached.")
        else:
            self.toast("Write a prompt first.")

    @on(events.Paste)
    async def _paste_into_composer(self, event: events.Paste) -> None:
        """Paste into the composer what is pasted elsewhere on the screen."""
        event.stop()
        self.composer.focus()
        self.composer.post_message(events.Paste(event.text))

    def ask_what_waits(self) -> None:
        """Ask what was written before the start."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            self.put(waiting, shown=True)

    def put(self, prompt: str, *, shown: bool = False) -> None:
        """Ask ``prompt``; ``shown`` says that the panes show it already."""
        assert self.comparison is not None
        self.comparison.enclosed = self.enclosed
        question = self.comparison.question(prompt, shown=shown)
        asked = leave_out_blind(question)
        if asked.panes:
            self.ask(asked)
        else:
            told = tell_blind(seat.model.label for seat in self.comparison.seats)
            self.toast(f"{told} Take the image off ({self.key_of('enclosed')}).", "warning")
            self._give_back(question)

    def offer_cure(self, pane: Pane, answer: Answer) -> None:
        """Say below an answer that failed what can be done about it here; a click does it."""
        kind = answer.error.kind if answer.error is not None else None
        if kind in ("auth", "no_key"):
            key = self.key_of("keys")
            pane.transcript.add_note(f"{key}, or a click here, enters another key.", about=ENTER_KEY)
        elif kind in _PASSING or answer.status == "cut":
            key = f"{self.key_of('retry_pane')}{' in this pane' if len(self.row.panes) > 1 else ''}"
            pane.transcript.add_note(f"{key}, or a click here, asks again.", about=ASK_AGAIN)

    @on(Transcript.NoteClicked)
    def _ask_again(self, message: Transcript.NoteClicked) -> None:
        if message.about == ASK_AGAIN:
            panes = [pane for pane in self.row.panes if pane.transcript is message.transcript]
            for pane in panes:
                self.row.turn_to(pane.index)
                if not self.tell_obstacle("retry_pane"):
                    self.action_retry_pane()

    def action_retry_pane(self) -> None:
        """Ask the current pane's model its last prompt again."""
        if self.comparison is None or self.asking:
            return
        question = self.comparison.question_again(self.row.current.index)
        if question is None:
            self.toast("There is nothing to ask again here yet.")
        elif is_blind_to(question.order.lanes[0]):
            self.toast(tell_blind([question.order.lanes[0].model.label]), "warning")
        else:
            self.ask(question)

    def stop(self, index: int | None = None) -> bool:
        """Stop one pane's answer, or all, or a prompt that waits; return whether there was one to stop."""
        if self._waiting is not None:
            self.composer.take_back(self._waiting)
            self._waiting = None
            for pane in self.row.panes:
                pane.clear()
            return True
        if self.asking:
            self._cancelled = True  # the budget's word is on its way
            return True
        return self.comparison is not None and self.comparison.stop(index)
