"""A question waits for the budget beside the screen, never on it; then the panes show what leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.message import Message
from textual.timer import Timer

from smallchat.tui.enclosed import NOTHING, Enclosed
from smallchat.tui.latest import LatestOnly
from smallchat.tui.question import Head, Question
from smallchat.tui.screens.pane_keys import PaneScreen
from smallchat.tui.widgets.composer import Composer
from smallchat.tui.widgets.send_line import SendLine

if TYPE_CHECKING:
    from smallchat.catalog.model import Model
    from smallchat.engine.seams import Refused
    from smallchat.engine.sending import Send
    from smallchat.tui.backend import Backend
    from smallchat.tui.comparison import Comparison

SLOW_S = 0.2  # until the user is told what is waited for
PAINTING_S = 0.03  # what the prompt brings with it is drawn by then, and delays no request
LEFT_OUT = "Not asked, to stay in the budget."


class AdmissionScreen(PaneScreen):
    """A screen that sends a question as soon as the budget, or the user, allows it.

    It is sent in a thread: the admission counts its tokens and may wait for other terminals.
    """

    @dataclass
    class Admitted(Message):
        """A question may leave: it is released when the panes show it."""

        question: Question
        send: Send

    @dataclass
    class Declined(Message):
        """The budget does not allow a question; nothing has left."""

        question: Question
        refused: Refused

    @dataclass
    class Broke(Message):
        """Sending failed by a fault of our own."""

        error: Exception

    @dataclass
    class Warned(Message):
        """Caps have come near."""

        lines: list[str]

    def __init__(self, names: Sequence[str]) -> None:
        """Make a composer and a pane for each of ``names``."""
        super().__init__(names)
        self.composer = Composer()
        self.backend: Backend | None = None
        self.comparison: Comparison | None = None
        self._question: Question | None = None
        self._cancelled = False
        self._slow: Timer | None = None
        self._sender = LatestOnly("smallchat-asking")
        self._watcher = LatestOnly("smallchat-caps")

    def on_unmount(self) -> None:
        """End the threads."""
        self._sender.end()
        self._watcher.end()

    @property
    def asking(self) -> bool:
        """Whether a question waits for the budget, or for what the user says about it."""
        return self._question is not None

    # What the screen adds

    @property
    def enclosed(self) -> Enclosed:
        """What goes with the next prompt."""
        return NOTHING

    def forget_files(self, question: Question) -> None:
        """Let go of the files that went with ``question``."""

    def forecast(self) -> None:
        """Show soon what sending the draft would take."""

    def begin_drawing(self) -> None:
        """Draw the answers that have begun."""
        raise NotImplementedError

    def begun(self, question: Question) -> None:
        """Do what is to be done when ``question`` leaves."""

    # Waiting

    def ask(self, question: Question) -> None:
        """Send ``question`` as soon as the budget allows it."""
        assert self.comparison is not None
        self._question = question
        self._sender.do(partial(self._send, self.comparison, question))
        self._slow = self.set_timer(SLOW_S, self._tell_slow)
        self.refresh_bindings()

    def _send(self, comparison: Comparison, question: Question) -> None:
        from smallchat.engine.seams import Refused

        try:
            send = comparison.send(question)
        except Refused as refused:
            self.post_message(self.Declined(question, refused))
        except Exception as error:  # raised again where the app sees it
            self.post_message(self.Broke(error))
        else:
            self.post_message(self.Admitted(question, send))

    def _tell_slow(self) -> None:
        self.query_one(SendLine).tell("Checking the budget…")

    def _stop_telling(self) -> None:
        if self._slow is not None:
            self._slow.stop()
        self.query_one(SendLine).forget()

    # What came of it

    @on(Admitted)
    def _begin(self, message: Admitted) -> None:
        question, comparison = message.question, self.comparison
        assert comparison is not None
        self._stop_telling()
        phases = comparison.begin(question, message.send.answers)
        for pane in self.row.panes:
            phase = phases.get(pane.index)
            if question.again and phase is not None:
                pane.begin_again(phase, question.head or Head("asked again"))
            elif question.shown and phase is not None:
                pane.header.show(phase)
            elif phase is not None:
                pane.begin(question.prompt, phase)
            elif not question.again:
                pane.pass_over(
                    "" if question.shown else question.prompt, question.left_out.get(pane.index, LEFT_OUT)
                )
            if phase is not None:
                pane.tell(None if question.again else question.head)
                if question.note:
                    pane.transcript.add_note(question.note)
        self.forget_files(question)
        self._finish_asking()
        self.begin_drawing()
        self.begun(question)
        self.call_after_refresh(self.set_timer, PAINTING_S, message.send.release)
        if self._cancelled:
            comparison.stop()
        self._cancelled = False

    @on(Declined)
    def _decline(self, message: Declined) -> None:
        from smallchat.engine.budgeting import OverBudget

        question, refused = message.question, message.refused
        self._stop_telling()
        if self._cancelled or not isinstance(refused, OverBudget):
            if not self._cancelled:
                self.toast(str(refused), "warning")
            self._give_back(question)
            return
        if (lane := refused.instead) is not None:
            model = question.order.lanes[lane].model.label
            note = f"{model} alone was asked, the cheapest that the budget allows."
            self.ask(question.only((lane,), note))
            return
        from smallchat.tui.screens.over_budget import OverBudgetScreen

        asked = OverBudgetScreen(question, refused.refusal, self.key_of("settings"))
        self.app.push_screen(asked, partial(self._go_on, question))

    def _go_on(self, question: Question, chosen: Question | None) -> None:
        if chosen is None:
            self._give_back(question)
        else:
            self.ask(chosen)

    @on(Broke)
    def _fail(self, message: Broke) -> None:
        raise message.error

    def _give_back(self, question: Question) -> None:
        """Put a prompt that was not sent back into the composer."""
        if not question.again:
            self.composer.take_back(self.enclosed.strip(question.prompt))
        if question.shown:
            for pane in self.row.panes:
                pane.clear()
        self._cancelled = False
        self._finish_asking()

    def _finish_asking(self) -> None:
        self._question = None
        self.forecast()
        self.refresh_bindings()

    def warn_of_caps(self) -> None:
        """Tell soon which caps the answers so far have brought near."""
        if self.backend is not None and self.comparison is not None:
            models = [seat.model for seat in self.comparison.seats]
            self._watcher.do(
                partial(self._find_warnings, self.backend, models, self.comparison.keeper.session)
            )

    def _find_warnings(self, backend: Backend, models: Sequence[Model], session: str) -> None:
        if lines := backend.budget.warnings(models, session):
            self.post_message(self.Warned(lines))

    @on(Warned)
    def _warn(self, message: Warned) -> None:
        for line in message.lines:
            self.toast(line, "warning")
