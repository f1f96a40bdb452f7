"""The compare screen: one prompt, up to three panes, figures beneath each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from smallchat.tui.frames import Frames
from smallchat.tui.screens.judging import JudgingScreen
from smallchat.tui.screens.pane_setup import PaneSetupScreen
from smallchat.tui.widgets.export_line import ExportLine
from smallchat.tui.widgets.key_bar import KeyBar
from smallchat.tui.widgets.pane_row import PaneRow
from smallchat.tui.widgets.send_line import SendLine
from smallchat.tui.widgets.title_bar import Tab, TitleBar

if TYPE_CHECKING:
    from smallchat.tui.backend import Backend
    from smallchat.tui.comparison import Comparison
    from smallchat.tui.opening import Resumed

FRAMES_PER_FIGURES = 4  # figures are read, not watched: a quarter of the frames is enough for them


class CompareScreen(JudgingScreen, PaneSetupScreen):
    """Sends prompts to all panes and shows the answers as they stream."""

    HELP = (
        "Write a prompt and press Enter: it goes to all panes at once. Tab goes on to their transcripts, "
        "where the letters below are keys too."
    )
    CSS_PATH = "compare.tcss"
    KEYS_FIRST: ClassVar[tuple[str, ...]] = (
        *("end_find", "stop_all", "to_prompt", "send", "models", "sessions"),
        *("figures", "blind", "promote", "newline"),
    )
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-high")]  # noqa: RUF012 - typed by Textual
    KEY_GROUP = "Answers"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stop_all", "Stop", id="stop_all",
                tooltip="Stop all answers; their text is kept"),
        Binding("escape,enter", "write", "Back", id="to_prompt",
                tooltip="Go back to the prompt; show all panes again"),
        Binding("ctrl+g,s", "stop_pane", "Stop pane", id="stop_pane",
                tooltip="Stop the current pane's answer"),
        Binding("ctrl+r,r", "retry_pane", "Retry", id="retry_pane",
                tooltip="Ask the current pane's model its last prompt again"),
        Binding("ctrl+t", "take_turns", "Take turns", id="take_turns",
                tooltip="Ask the models one after another, or all at once again"),
        Binding("ctrl+l", "start_over", "New chat", id="new_chat", show=False,
                tooltip="Begin a new session; this one is kept"),
    ]  # fmt: skip

    def __init__(self, names: Sequence[str], resumed: Resumed | None = None) -> None:
        """Show a pane for each of ``names``, or those of a session; nothing is sent before ``use``."""
        self._names = tuple(model.name for model in resumed.models) if resumed else tuple(names)
        super().__init__(self._names)
        self._resumed = resumed
        self.frames = Frames(self, self._draw)

    def compose(self) -> ComposeResult:
        """Yield the parts from top to bottom."""
        yield TitleBar()
        yield self.row
        yield SendLine()
        yield ExportLine()
        yield self.enclosed_line
        yield self.composer
        yield KeyBar(self.KEYS_FIRST)

    def on_mount(self) -> None:
        """Begin with the composer."""
        self.composer.focus()

    def find_obstacle(self, action: str, parameters: tuple[object, ...] = ()) -> str | None:
        """Return why ``action`` can not be done now."""
        several = len(self.row.panes) > 1
        if action == "take_turns" and not several:
            return self.tell_one_pane()
        if action == "stop_pane" and not (several and self.running):
            return "There is one pane only: {stop_all} stops it." if self.running else "No answer comes in."
        if action == "stop_all":
            return None if self.running else ""
        if action == "write":
            return None if self.row.maximised or not self.composer.has_focus else ""
        if action == "start_over":
            new = not (self.running or self.session_id)
            return "This is a new chat already." if new else self.find_reason_to_wait()
        return super().find_obstacle(action, parameters)

    def use(self, backend: Backend) -> None:
        """Take the loaded backend, and send what was written meanwhile.

        Raises:
            ConfigError: One of the models or providers is not known.
        """
        resumed = self._resumed
        self.comparison = self.begin_comparison(backend, resumed)
        self.backend = backend
        self.say_how_panes_run()
        if resumed:
            self.resume(resumed, self.comparison)
            self._resumed = None  # it may be large
            self._show_title()
            self.refresh_bindings()
        self.ask_what_waits()
        self.forecast()

    def begin_comparison(self, backend: Backend, resumed: Resumed | None) -> Comparison:
        """Return what the panes are about, all models in it warmed up and introduced.

        Raises:
            ConfigError: One of the models or providers is not known.
        """
        from smallchat.tui.comparison import Comparison

        services = backend.services
        models = resumed.models if resumed else [services.catalog.get(name) for name in self._names]
        known = [model for model in models if not (resumed and model.name in resumed.unknown)]
        labels = {model.name: services.providers.get(model.provider).label for model in known}
        session, places = (resumed.session, resumed.places) if resumed else (None, ())
        comparison = Comparison(backend, models, session, places)
        backend.engine.warm(known)
        for pane, model, seat in zip(self.row.panes, models, comparison.seats, strict=True):
            pane.place = seat.place
            pane.header.introduce(model.label, labels.get(model.name, "not known here"))
        return comparison

    # Stopping

    def action_stop_all(self) -> None:
        """Stop all answers."""
        self.stop()

    def action_write(self) -> None:
        """Go back to the composer; show all panes again."""
        if self.row.maximised:
            self.row.maximise()
        self.composer.focus()

    def action_stop_pane(self) -> None:
        """Stop the current pane's answer."""
        self.stop(self.row.current.index)

    def action_start_over(self) -> None:
        """Begin a new session."""
        self.start_over()
        self.toast(f"A new chat. {self.key_of('sessions')} has the one before.")

    def start_over(self) -> None:
        """Begin a new session; the one before is kept."""
        super().start_over()
        self._show_title()
        self.forecast()
        self.refresh_bindings()

    # Drawing

    def begin_drawing(self) -> None:
        """Draw frame after frame until all answers are settled."""
        for pane in self.row.panes:
            pane.figures.mark(())
        self.frames.start()
        self._show_title()
        self.refresh_bindings()

    def _draw(self, frame: int) -> None:
        comparison = self.comparison
        if comparison is None:
            return
        with_figures = frame % FRAMES_PER_FIGURES == 0
        settled = False
        for pane, seat in zip(self.row.panes, comparison.seats, strict=True):
            exchange = seat.exchange
            if exchange is None or not seat.running:
                continue
            news = exchange.pull()
            pane.take(news, exchange, with_figures=with_figures)
            if news.answer is not None:
                comparison.settle(pane.index, news.answer)
                if not self.routed:  # there, another candidate is asked by itself
                    self.offer_cure(pane, news.answer)
                pane.figures.add_up(seat.total)
                settled = True
        if with_figures or settled:
            self._show_title()
        if settled:
            self.refresh_bindings()
        if not comparison.running:
            self.finish_turn(comparison)

    def finish_turn(self, comparison: Comparison) -> None:
        """Draw no more: all answers are settled."""
        self.frames.stop()
        for pane, marks in zip(self.row.panes, comparison.marks(), strict=True):
            pane.figures.mark(marks)
        self.forecast()
        if not self.settle_vote(comparison):
            self.warn_of_caps()
        self.refresh_bindings()

    def _show_title(self) -> None:
        """Show the panes, how they run, and the session's total."""
        comparison, row = self.comparison, self.row
        tabs = [
            Tab(pane.header.model, pane.header.phase, index in row.shown)
            for index, pane in enumerate(row.panes)
        ]
        in_turns = comparison is not None and comparison.sequential and len(tabs) > 1
        modes = ("one after another" if in_turns else "", "blind" if self.blind else "")
        mode = " · ".join(filter(None, modes))
        self.query_one(TitleBar).show(tabs, comparison.total if comparison else None, mode)
        self.set_class(len(row.shown) < len(row.panes), "-tabbed")

    @on(PaneRow.Changed)
    def _follow_row(self) -> None:
        self._show_title()
        self.refresh_bindings()

    def say_how_panes_run(self) -> None:
        """Show which panes share this machine's CPU, and the title with it."""
        self._show_title()
        if not self.routed:
            asked = (f"Ask {self.row.panes[0].header.model}…", "Ask both models…", "Ask all three models…")
            self.composer.placeholder = Content(asked[len(self.row.panes) - 1])
        comparison = self.comparison
        if comparison is None:
            return
        for pane, seat in zip(self.row.panes, comparison.seats, strict=True):
            if not (comparison.shares_cpu and seat.is_local):
                note = ""
            elif comparison.sequential:
                note = "this CPU, one after another"
            else:
                note = f"shares this CPU · {self.key_of('take_turns')} takes turns"
            pane.figures.note(note)

    def action_take_turns(self) -> None:
        """Ask the models one after another from the next prompt on, or all at once again."""
        if self.comparison is None:
            return
        self.comparison.sequential = not self.comparison.sequential
        self.say_how_panes_run()
        how = "one after another" if self.comparison.sequential else "all at once"
        self.toast(f"From the next prompt on the models answer {how}.")
