"""The app: screens, keys, and what happens at the start."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.css.stylesheet import Stylesheet
from textual.message import Message
from textual.screen import Screen

from smallchat.config.defaults import THEME
from smallchat.config.errors import ConfigError
from smallchat.tui.backend import Backend, Loading
from smallchat.tui.opening import OpenRequested, find_session
from smallchat.tui.screens.base import STILL_STARTING
from smallchat.tui.screens.compare import CompareScreen
from smallchat.tui.session_app import SessionApp, open_route
from smallchat.tui.widgets.transcript import Transcript

if TYPE_CHECKING:
    from smallchat.engine.attaching import Attachment
    from smallchat.tui.commands import Command
    from smallchat.tui.screens.welcome import WelcomeScreen


class SmallchatApp(SessionApp, inherit_bindings=False):
    """Paints first; loads settings and the engine in a thread; quits cleanly."""

    TITLE = "smallchat"
    ENABLE_COMMAND_PALETTE = False  # ours is bound below
    ESCAPE_TO_MINIMIZE = False
    HELP = (
        "smallchat compares small language models side by side, or routes each prompt to the one that fits."
    )
    KEY_GROUP = "Everywhere"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "Quit", id="quit", priority=True, tooltip="Leave smallchat"),
        Binding("ctrl+c", "copy_selection", "Copy selection", id="copy_selection", priority=True,
                tooltip="Copy what is selected"),
        Binding("ctrl+c", "interrupt", "Stop or quit", id="interrupt", priority=True, show=False,
                tooltip="Stop the answers; with none running, pressed twice, leave"),
        Binding("f1", "help", "Help", id="help", priority=True, tooltip="Show what every key does here"),
        Binding("f4", "spend", "Spend", id="spend", tooltip="Show what was spent, and on what"),
        Binding("ctrl+p", "palette", "Commands", id="palette", priority=True, show=False,
                tooltip="Find an action, a session, a model, a preset or a theme, and go there"),
        Binding("f12", "themes", "Themes", id="themes", show=False,
                tooltip="Try the themes on, and keep one"),
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

    @dataclass
    class StylesReady(Message):
        """The styles of all screens were read, for a theme with ``variables``."""

        stylesheet: Stylesheet
        variables: dict[str, str]

    def __init__(
        self,
        load: Callable[[Callable[[str], None]], Backend],
        models: Sequence[str],
        *,
        theme: str = THEME,
        user_themes: Path | None = None,
        config: Path | None = None,
        welcome: Callable[[], Screen[None]] | None = None,
        resume: str | None = None,
        route: str | None = None,
        files: Sequence[Attachment] = (),
        debug: bool = False,
    ) -> None:
        """Prepare to compare ``models``.

        Args:
            load: Loads the backend; called in a thread once the first frame is painted, with what takes
                news of trouble from any thread.
            models: Names of the models, one for each pane.
            theme: Name of the theme.
            user_themes: Where the user's own themes are.
            config: The configuration's file, to keep what is set in the app.
            welcome: Makes the screen to begin with instead, until it posts the models to compare.
            resume: The session to begin with instead: the beginning of its id, ``last``, or an exported file.
            route: The preset that chooses the model for each prompt, instead of ``models``.
            files: What goes with the first prompt.
            debug: Whether a crash is told in full.
        """
        super().__init__(
            theme=theme,
            user_themes=user_themes,
            config=config,
            debug=debug,
            # Read with the app: Textual does not read the style sheet of a default screen.
            css_path=["screens/compare.tcss", *(["screens/route.tcss"] if route else [])],
        )
        self._load, self._models = load, tuple(models)
        self._welcome, self._resume, self._route = welcome, resume, route
        self.files = tuple(files)

    def get_default_screen(self) -> Screen[None]:
        """Return the screen to begin with."""
        if self._welcome or self._resume:
            return Screen()
        screen = open_route(self._route) if self._route else CompareScreen(self._models)
        screen.begin_with(self.files)
        return screen

    def on_mount(self) -> None:
        """Load once the first frame is painted."""
        self.call_after_refresh(gc.enable)
        if self._welcome is None:
            self.call_after_refresh(self._start_loading)
        else:
            self.push_screen(self._welcome())

    def on_welcome_screen_chosen(self, message: WelcomeScreen.Chosen) -> None:
        """Compare what the user chose. Not ``@on``: the welcome screen's module is imported late."""
        screen = CompareScreen(message.models)
        screen.begin_with(self.files)
        self.switch_screen(screen)
        if message.told:
            self.toast(message.told)
        self.call_after_refresh(self._start_loading)

    def _start_loading(self) -> None:
        post = self.post_message
        Loading(
            partial(self._load, self._hear_of_trouble),
            on_ready=lambda backend: post(self.Ready(backend)),
            on_error=lambda error: post(self.LoadFailed(error)),
            on_complete=lambda: post(self.Complete()),
            then=self._prepare_screens,
        ).start()

    @on(Ready)
    def _use_backend(self, message: Ready) -> None:
        self.backend = message.backend
        self.set_keymap(message.backend.services.settings.keys)
        chat = self.find_chat()
        if chat is not None:
            try:
                chat.use(message.backend)
            except ConfigError as error:
                self.fail(error)
        elif self._resume is not None:
            self.post_message(OpenRequested(find_session(self._resume)))

    def _hear_of_trouble(self, text: str) -> None:
        self.post_message(self.Trouble(text))  # from any thread

    @on(Trouble)
    def _tell_trouble(self, message: Trouble) -> None:
        self.toast(message.text, "warning")

    @on(LoadFailed)
    def _report_failure(self, message: LoadFailed) -> None:
        self.fail(message.error)

    @on(Complete)
    def _tune(self) -> None:
        from smallchat.engine.tuning import tune_for_streaming

        tune_for_streaming()

    def _prepare_screens(self, backend: Backend) -> None:
        """Make ready, in the loading thread, what screens would wait for."""
        from smallchat.tui.first_openings import prepare_screens

        variables = self.get_css_variables()
        styles = prepare_screens(self.stylesheet, backend.engine)
        self.post_message(self.StylesReady(styles, variables))

    @on(StylesReady)
    def _take_styles(self, message: StylesReady) -> None:
        from smallchat.tui.first_openings import join_styles

        if message.variables == self.get_css_variables():  # else there is another theme by now
            self.stylesheet = join_styles(self.stylesheet, message.stylesheet)

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
        else:
            self.toast(STILL_STARTING if self.find_chat() else "Choose first how to begin.")

    async def action_help(self) -> None:
        """Show what every key does here. Waited for: the keys that follow belong to the search."""
        from smallchat.tui.screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            await self.push_screen(HelpScreen(self.screen))

    async def action_palette(self) -> None:
        """Find a command, and do it."""
        from smallchat.tui.screens.palette import PaletteScreen

        if not isinstance(self.screen, PaletteScreen):
            await self.push_screen(PaletteScreen(self.screen), self._run_command)

    def _run_command(self, command: Command | None) -> None:
        if command is not None:
            self.call_later(command.run)

    async def action_themes(self) -> None:
        """Try the themes on."""
        from smallchat.tui.screens.themes import ThemesScreen

        if not isinstance(self.screen, ThemesScreen):
            await self.push_screen(ThemesScreen(self.screen), self._run_command)
