"""The routed chat: one pane, each prompt answered by the model that the preset chooses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.message import Message

from smallchat.safe_text import safe_line
from smallchat.tui.phase import STARTING
from smallchat.tui.screens.admission import SLOW_S
from smallchat.tui.screens.route_keys import RoutingScreen
from smallchat.tui.widgets.export_line import ExportLine
from smallchat.tui.widgets.key_bar import KeyBar
from smallchat.tui.widgets.route_lines import RouteLine, RouteTotal
from smallchat.tui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from smallchat.engine.choice import Choice
    from smallchat.sessions.session import Session
    from smallchat.tui.backend import Backend
    from smallchat.tui.comparison import Comparison
    from smallchat.tui.opening import Resumed
    from smallchat.tui.routed_chat import RoutedChat
    from smallchat.tui.widgets.pane import Pane


class RouteScreen(RoutingScreen):
    """Decides on each prompt in a thread, then asks as any other screen does."""

    HELP = (
        "A preset chooses who answers each prompt; @NAME before a prompt chooses for it alone. "
        "Tab goes to the transcript, where the letters below are keys too."
    )
    CSS_PATH = "route.tcss"
    KEYS_FIRST = (
        *("end_find", "stop_all", "to_prompt", "send", "explain_route"),
        *("ask_another", "mark_wrong", "open_compare", "sessions"),
    )

    @dataclass
    class Decided(Message):
        """It is known who answers a prompt."""

        choice: Choice
        shown: bool

    class Priced(Message):
        """Prices are loaded."""

    def __init__(self, preset: str, resumed: Resumed | None = None) -> None:
        """Route by ``preset``, or go on with a session; nothing is sent before ``use``."""
        super().__init__([preset], resumed)
        self._preset = preset
        self._deciding = ""

    @property
    def asking(self) -> bool:
        """Whether a prompt is being decided on, or waits for the budget or for the user."""
        return bool(self._deciding) or super().asking

    def compose(self) -> ComposeResult:
        """Yield the parts from top to bottom."""
        yield TitleBar()
        yield self.row
        yield RouteTotal()
        yield RouteLine()
        yield ExportLine()
        yield self.enclosed_line
        yield self.composer
        yield KeyBar(self.KEYS_FIRST)

    def use(self, backend: Backend) -> None:
        """Take the loaded backend, and send what was written meanwhile.

        Raises:
            ConfigError: The preset is not known or has a mistake, or none of its candidates can answer.
        """
        super().use(backend)
        if not self._deciding:
            self._sender.do(partial(self._prepare, backend))

    def _prepare(self, backend: Backend) -> None:
        """Load what the first decision and the sums need."""
        from smallchat.routing import vocabulary

        backend.services.prices.load()
        vocabulary.load()
        self.post_message(self.Priced())

    def begin_comparison(self, backend: Backend, resumed: Resumed | None) -> Comparison:
        """Return the chat, its candidates warmed up.

        Raises:
            ConfigError: The preset is not known or has a mistake, or none of its candidates can answer.
        """
        from smallchat.tui.routed_chat import RoutedChat

        self.chat = chat = RoutedChat(backend, self._preset, resumed.session if resumed else None)
        missing = chat.router.missing()
        backend.engine.warm(model for model in chat.models if model.name not in missing)
        if missing:
            lacks = ", ".join(dict.fromkeys(missing.values()))
            labels = ", ".join(model.label for model in chat.models if model.name in missing)
            self.toast(f"{lacks}: {labels} left out.", "warning")
        for warning in chat.router.warnings:
            self.toast(warning, "warning")
        self._introduce(chat)
        return chat

    def show_session(
        self, session: Session, panes: Sequence[Pane], comparison: Comparison, *, whole: bool = False
    ) -> None:
        """Show in ``panes`` what ``comparison`` has taken up of ``session``, and who answered last."""
        super().show_session(session, panes, comparison, whole=whole)
        if self.chat is not None:
            self._introduce(self.chat)
            self.show_total()

    def start_over(self) -> None:
        """Begin a new session; the one before is kept."""
        super().start_over()
        if self.chat is not None:
            self._introduce(self.chat)
            self.show_total()

    def _introduce(self, chat: RoutedChat) -> None:
        """Name the preset in the pane's head, and who answered last."""
        preset = chat.router.preset.name
        if chat.choice is None:
            self.row.panes[0].header.introduce(preset, "chooses the model for each prompt")
        else:
            model = chat.seats[0].model
            provider = chat.backend.services.providers.get(model.provider)
            self.row.panes[0].header.introduce(f"{preset} → {model.label}", provider.label)

    # Deciding

    def forecast(self) -> None:
        """Show soon who would answer the draft, or that there is none."""
        line, draft, chat = self.query_one(RouteLine), self.composer.prompt, self.chat
        if chat is None or not draft.strip():
            line.forget()
        else:
            chat.enclosed = self.enclosed
            line.decide(chat, draft)

    def put(self, prompt: str, *, shown: bool = False) -> None:
        """Decide who answers ``prompt``, in a thread, and ask that one."""
        chat = self.chat
        assert chat is not None
        self._deciding, chat.enclosed = prompt, self.enclosed
        chat.consultant.renew()
        self._sender.do(partial(self._decide, chat, prompt, shown))
        self.set_timer(SLOW_S, partial(self._tell_deciding, prompt))
        self.refresh_bindings()

    def _decide(self, chat: RoutedChat, prompt: str, shown: bool) -> None:
        try:
            choice = chat.decide(prompt)
        except Exception as error:  # raised again where the app sees it
            self.post_message(self.Broke(error))
        else:
            self.post_message(self.Decided(choice, shown))

    def _tell_deciding(self, prompt: str) -> None:
        if self._deciding == prompt and self.is_current and self.chat is not None:
            asked = self.chat.consultant.model
            self.query_one(RouteLine).tell(f"Asking {asked.label} what this is…" if asked else "Deciding…")

    @on(Decided)
    def _ask_chosen(self, message: Decided) -> None:
        chat, choice = self.chat, message.choice
        assert chat is not None
        self._deciding = ""
        chat.count_consulted(choice)
        if self._cancelled or choice.obstacle:
            if not self._cancelled:
                self.toast(safe_line(choice.obstacle, 900), "warning")
            self._take_back(self.enclosed.strip(choice.typed), shown=message.shown)
            return
        question = chat.question_for(choice, shown=message.shown)
        if message.shown and choice.prompt != choice.typed:
            self.row.panes[0].clear()
            self.row.panes[0].begin(choice.prompt, STARTING)
        self.ask(question)

    def _take_back(self, prompt: str, *, shown: bool) -> None:
        self.composer.take_back(prompt)
        if shown:
            self.row.panes[0].clear()
        self._cancelled = False
        self._finish_asking()
        self.show_total()

    def stop(self, index: int | None = None) -> bool:
        """Stop the answer, or the decision; return whether there was one to stop."""
        if self._deciding and self.chat is not None:
            self.chat.consultant.stop()
        return super().stop(index)

    # What came of it

    def begin_drawing(self) -> None:
        """Draw the answer that has begun, under the name of who gives it."""
        if self.chat is not None:
            self._introduce(self.chat)
        super().begin_drawing()

    def finish_turn(self, comparison: Comparison) -> None:
        """Draw no more, unless the next candidate has to answer."""
        super().finish_turn(comparison)
        self.show_total()
        if self.chat is not None and (question := self.chat.passed_on()):
            self.ask(question)

    @on(Priced)
    def _show_resumed_total(self) -> None:
        if self.session_id:
            self.show_total()

    def show_total(self) -> None:
        """Show what was spent, and what the prompts would have cost on each single candidate."""
        if (chat := self.chat) is not None:
            self.query_one(RouteTotal).show(chat.total, chat.models, chat.single_costs())
            self._show_title()
