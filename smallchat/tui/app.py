"""The app: screens, themes, keys, and what happens at the start and at the end."""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from rich.text import Text
from textual import on
from textual.app import App
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.widgets import TextArea

from smallchat.config.defaults import THEME
from smallchat.config.errors import ConfigError
from smallchat.safe_text import safe_text
from smallchat.tui.backend import Backend, Loading
from smallchat.tui.crash import describe_crash
from smallchat.tui.opening import NotOpened, Opened, Opener, OpenRequested, Resumed, find_session
from smallchat.tui.screens.compare import CompareScreen
from smallchat.tui.signals import Leaving
from smallchat.tui.theme import find_theme, load_theme
from smallchat.tui.widgets.transcript import Transcript

if TYPE_CHECKING:
    from smallchat.tui.screens.welcome import WelcomeScreen

QUIT_AGAIN_S = 3.0


class SmallchatApp(App[None], inherit_bindings=False):
    """Paints first; loads settings and the engine in a thread; quits cleanly."""

    TITLE = "smallchat"
    ENABLE_COMMAND_PALETTE = False  # bound below, with an id
    ESCAPE_TO_MINIMIZE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "Quit", id="quit", priority=True, tooltip="Leave smallchat"),
        Binding("ctrl+c", "interrupt", "Stop or quit", id="interrupt", priority=True, show=False,
                tooltip="Stop the answers; with none running, pressed twice, leave"),
        Binding("f4", "spend", "Spend", id="spend", tooltip="Show what was spent, and on what"),
        Binding("ctrl+p", "command_palette", "Commands", id="palette", priority=True, show=False,
                tooltip="Open the command palette"),
    ]  # fmt: skip

    @dataclass
    class Ready(Message):
        """The backend is loaded and the engine runs."""

        backend: Backend

    @dataclass
    class LoadFailed(Message):
        """The backend could not be loaded."""

        error: Exception

    @dataclass
    class Trouble(Message):
        """Something can not be kept or booked; the user should know."""

        text: str

    class Complete(Message):
        """Prices, token tables and what draws Markdown are loaded too."""

    def __init__(
        self,
        load: Callable[[Callable[[str], None]], Backend],
        models: Sequence[str],
        *,
        theme: str = THEME,
        user_themes: Path | None = None,
        welcome: Callable[[], Screen[None]] | None = None,
        resume: str | None = None,
        route: str | None = None,
        debug: bool = False,
    ) -> None:
        """Prepare to compare ``models``.

        Args:
            load: Loads the backend; called in a thread once the first frame is painted, with what takes
                news of trouble from any thread.
            models: Names of the models, one for each pane.
            theme: Name of the theme.
            user_themes: Where the user's own themes are.
            welcome: Makes the screen to begin with instead, until it posts the models to compare.
            resume: The session to begin with instead: the beginning of its id, ``last``, or an exported file.
            route: The preset that chooses the model for each prompt, instead of ``models``.
            debug: Whether a crash is told in full.
        """
        # Read with the app: Textual does not read the style sheet of a default screen.
        super().__init__(css_path=["screens/compare.tcss", *(["screens/route.tcss"] if route else [])])
        self.use_command_palette = True
        self.backend: Backend | None = None
        self.problem: Exception | None = None
        self._load, self._models, self._debug = load, tuple(models), debug
        self._welcome, self._resume, self._route = welcome, resume, route
        self._opener = Opener(self.post_message)
        self._interrupted_at = -QUIT_AGAIN_S
        self._crash = ""
        self._theme_problem = self._use_theme(theme, user_themes)

    def _use_theme(self, name: str, user_themes: Path | None) -> str:
        """Use the theme ``name``, or our own when it is no good; return what is wrong with it, or ""."""
        if name in self.available_themes:
            self.theme = name
            return ""
        problem = ""
        try:
            theme = load_theme(find_theme(name, user_themes))
        except ConfigError as error:
            problem = str(error)
            theme = load_theme(find_theme(THEME))
        self.register_theme(theme)
        self.theme = theme.name
        return problem

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return our own variables, for themes that do not have them."""
        return {"quiet": "#868e9b", "line": "#4a505c"}

    def get_default_screen(self) -> Screen[None]:
        """Return the screen to begin with."""
        if self._welcome or self._resume:
            return Screen()
        return open_route(self._route) if self._route else CompareScreen(self._models)

    def on_mount(self) -> None:
        """Load once the first frame is painted."""
        loop = asyncio.get_running_loop()
        self._leaving = Leaving(lambda code: loop.call_soon_threadsafe(partial(self.exit, return_code=code)))
        self._leaving.listen()
        self.call_after_refresh(gc.enable)
        if self._welcome is None:
            self.call_after_refresh(self._start_loading)
        else:
            self.push_screen(self._welcome())
        if self._theme_problem:
            self._toast(self._theme_problem, "warning")

    def on_welcome_screen_chosen(self, message: WelcomeScreen.Chosen) -> None:
        """Compare what the user chose. Not ``@on``: the welcome screen's module is imported late."""
        self.switch_screen(CompareScreen(message.models))
        self.call_after_refresh(self._start_loading)

    def _start_loading(self) -> None:
        post = self.post_message
        Loading(
            partial(self._load, self._hear_of_trouble),
            on_ready=lambda backend: post(self.Ready(backend)),
            on_error=lambda error: post(self.LoadFailed(error)),
            on_complete=lambda: post(self.Complete()),
        ).start()

    @on(Ready)
    def _use_backend(self, message: Ready) -> None:
        self.backend = message.backend
        self.set_keymap(message.backend.services.settings.keys)
        screen = self.screen
        if isinstance(screen, CompareScreen):
            try:
                screen.use(message.backend)
            except ConfigError as error:
                self._fail(error)
        elif self._resume is not None:
            self.post_message(OpenRequested(find_session(self._resume)))

    @on(OpenRequested)
    def _open_session(self, message: OpenRequested) -> None:
        if self.backend is not None and not self._is_busy():
            self._opener.open(self.backend, message)

    def _is_busy(self) -> bool:
        """Return whether answers come in, which the user should stop first, and say so."""
        busy = any(isinstance(screen, CompareScreen) and screen.running for screen in self.screen_stack)
        if busy:
            self._toast("Answers still come in: stop them first (Esc).", "warning")
        return busy

    @on(Opened)
    async def _show_session(self, message: Opened) -> None:
        if self.backend is None or self._is_busy():
            return
        while len(self.screen_stack) > 1 and not isinstance(self.screen, CompareScreen):
            await self.pop_screen()
        before, resumed = self.screen, message.resumed
        screen = open_route(resumed.preset, resumed) if resumed.preset else CompareScreen((), resumed)
        if len(self.screen_stack) > 1:
            await self.switch_screen(screen)
        else:
            await self.push_screen(screen)  # Textual can not replace its default screen
            if isinstance(before, CompareScreen):
                before.start_over()
        try:
            screen.use(self.backend)
        except ConfigError as error:
            if not resumed.preset:
                raise
            self.post_message(Opened(resumed.without_preset(str(error))))

    @on(NotOpened)
    def _tell_not_opened(self, message: NotOpened) -> None:
        if not isinstance(message.error, ConfigError):
            raise message.error
        if any(isinstance(screen, CompareScreen) for screen in self.screen_stack):
            self._toast(str(message.error), "warning")
        else:
            self._fail(message.error)

    def _hear_of_trouble(self, text: str) -> None:
        self.post_message(self.Trouble(text))  # from any thread

    @on(Trouble)
    def _tell_trouble(self, message: Trouble) -> None:
        self._toast(message.text, "warning")

    @on(LoadFailed)
    def _report_failure(self, message: LoadFailed) -> None:
        self._fail(message.error)

    def _fail(self, error: Exception) -> None:
        self.problem = error
        self.exit(return_code=2)

    @on(Complete)
    def _tune(self) -> None:
        from smallchat.engine.tuning import tune_for_streaming

        tune_for_streaming()

    @on(Transcript.LinkClicked)
    def _ask_about_link(self, message: Transcript.LinkClicked) -> None:
        from smallchat.tui.screens.link import LinkScreen, is_web_address

        if is_web_address(message.url):
            self.push_screen(LinkScreen(message.url))

    def action_spend(self) -> None:
        """Show what was spent."""
        from smallchat.tui.screens.spend import SpendScreen

        if self.backend is not None:
            self.push_screen(SpendScreen(self.backend))

    def action_interrupt(self) -> None:
        """Copy what is selected; else stop the answers; else leave, when pressed twice."""
        screen = self.screen
        if selected := self._selected_text():
            self.copy_to_clipboard(safe_text(selected))
            self._toast("Copied the selection.")
        elif isinstance(screen, CompareScreen) and screen.stop():
            return
        elif time.monotonic() - self._interrupted_at < QUIT_AGAIN_S:
            self.exit()
        else:
            self._interrupted_at = time.monotonic()
            self._toast("Press Ctrl+C again to leave.")

    def _selected_text(self) -> str:
        focused = self.focused
        if isinstance(focused, TextArea) and focused.selected_text:
            return focused.selected_text
        return self.screen.get_selected_text() or ""

    def on_unmount(self) -> None:
        """Give the signals back."""
        self._leaving.stop()

    def _handle_exception(self, error: Exception) -> None:
        """Close on an unexpected error. Textual's own report shows local variables, and with them keys."""
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._fatal_error()

    def _fatal_error(self) -> None:
        error = self._exception or sys.exc_info()[1]
        if error is not None and not self._crash:
            self._crash = describe_crash(error, debug=self._debug)
            self._exit_renderables.append(Text(self._crash, end=""))
        self._close_messages_no_wait()

    def _toast(self, text: str, severity: Literal["information", "warning", "error"] = "information") -> None:
        self.notify(safe_text(text[:1000]), severity=severity, markup=False)


def open_route(preset: str, resumed: Resumed | None = None) -> CompareScreen:
    """Return the screen of a routed chat; its module is imported late."""
    from smallchat.tui.screens.route import RouteScreen

    return RouteScreen(preset, resumed)
