"""An app that shows one session at a time: the loaded backend, and what it takes to open another session."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from textual import on

from smallchat.config.errors import ConfigError
from smallchat.tui.key_names import name_keys
from smallchat.tui.opening import NotOpened, Opened, Opener, OpenRequested, Resumed
from smallchat.tui.screens.base import SmallchatScreen
from smallchat.tui.screens.compare import CompareScreen
from smallchat.tui.themed_app import ThemedApp

if TYPE_CHECKING:
    from smallchat.config.keys import Secret
    from smallchat.engine.attaching import Attachment
    from smallchat.sessions.summary import Summary
    from smallchat.tui.backend import Backend


class SessionApp(ThemedApp):
    """Opens sessions, unless answers come in.

    Attributes:
        backend: What the screens work with, once it is loaded.
        problem: Why the app could not go on.
        files: What goes with the first prompt.
        deleted: The sessions deleted in this run that can be taken back, the last one at the end.
    """

    def __init__(self, **options: Any) -> None:
        """Begin without a backend."""
        super().__init__(**options)
        self.backend: Backend | None = None
        self.problem: Exception | None = None
        self.files: tuple[Attachment, ...] = ()
        self.deleted: list[Summary] = []
        self._opener = Opener(self.post_message)

    def secrets(self) -> Iterable[Secret]:
        """Return the keys of the configuration."""
        if self.backend is None:
            return ()
        return self.backend.services.providers.config_keys()

    def use_key(self, provider: str, key: Secret, address: str | None) -> bool:
        """Take up a key that is kept, and return whether what is asked from now on goes with it.

        It does not where this run has another address for ``provider`` than ``address``, which the
        configuration had when the key was entered: a key only goes where it was meant to.
        """
        if self.backend is None:
            return True  # the configuration is still to be read
        providers = self.backend.services.providers
        if provider not in providers.names() or providers.get(provider).base_url != address:
            return False
        providers.use_key(provider, key)
        if (chat := self.find_chat()) is not None:
            chat.warm_provider(provider)
        return True

    def stop_answers(self) -> bool:
        """Stop the answers of the chat, also below another screen."""
        chat = self.find_chat()
        if chat is None or chat is self.screen:
            return chat is not None and chat.stop()
        return chat.comparison is not None and chat.comparison.stop()

    def has_draft(self) -> bool:
        """Return whether a prompt is written that was not sent."""
        chat = self.find_chat()
        return chat is not None and bool(chat.composer.text.strip())

    def fail(self, error: Exception) -> None:
        """Leave, for ``error`` to be told in the terminal."""
        self.problem = error
        self.exit(return_code=2)

    @on(OpenRequested)
    def _open_session(self, message: OpenRequested) -> None:
        if self.backend is not None and not self.is_busy():
            self._opener.open(self.backend, message)

    def find_chat(self) -> CompareScreen | None:
        """Return the chat that is shown, perhaps below other screens."""
        chats = [screen for screen in self.screen_stack if isinstance(screen, CompareScreen)]
        return chats[-1] if chats else None

    def is_busy(self) -> bool:
        """Return whether something is under way that the user should end first, and say so."""
        busy = any(isinstance(screen, CompareScreen) and screen.running for screen in self.screen_stack)
        if busy:
            chat = self.find_chat() or self.screen
            self.toast(name_keys(chat, "Answers still come in: stop them first ({stop_all})."), "warning")
        elif self.hides_names():
            self.toast("A blind vote waits: vote first, or have the names shown.", "warning")
        return busy or self.hides_names()

    def hides_names(self) -> bool:
        """Return whether a blind vote waits, so that nothing may tell which model answered what."""
        return any(isinstance(screen, SmallchatScreen) and screen.hides_names for screen in self.screen_stack)

    @on(Opened)
    async def _show_session(self, message: Opened) -> None:
        if self.backend is None or self.is_busy():
            return
        resumed = message.resumed
        screen = open_route(resumed.preset, resumed) if resumed.preset else CompareScreen((), resumed)
        await self.show_chat(screen)
        try:
            screen.use(self.backend)
        except ConfigError as error:
            if not resumed.preset:
                raise
            self.post_message(Opened(resumed.without_preset(str(error))))

    async def show_chat(self, screen: CompareScreen) -> None:
        """Show ``screen`` in the place of the chat that is shown, and of what lies over that.

        What is being written goes along.
        """
        while len(self.screen_stack) > 1 and not isinstance(self.screen, CompareScreen):
            await self.pop_screen()
        before = self.screen
        if not isinstance(before, CompareScreen):  # the first chat
            screen.begin_with(self.files)
        if len(self.screen_stack) > 1:
            await self.switch_screen(screen)
        else:
            await self.push_screen(screen)  # Textual can not replace its default screen
            if isinstance(before, CompareScreen):
                before.start_over()
        if isinstance(before, CompareScreen):
            screen.take_over(before)

    async def open_preset(self, name: str) -> None:
        """Begin a chat routed by the preset ``name``, or say why it can not be."""
        from smallchat.tui.routed_chat import RoutedChat

        if self.backend is None or self.is_busy():
            return
        try:
            RoutedChat(self.backend, name)  # the chat that is shown is only left for one that works
        except ConfigError as error:
            self.toast(str(error), "warning")
            return
        screen = open_route(name)
        await self.show_chat(screen)
        screen.use(self.backend)

    async def compare_models(self, names: Sequence[str]) -> None:
        """Begin a comparison of the models ``names``."""
        if self.backend is not None and not self.is_busy():
            screen = CompareScreen(names)
            await self.show_chat(screen)
            screen.use(self.backend)

    @on(NotOpened)
    def _tell_not_opened(self, message: NotOpened) -> None:
        if not isinstance(message.error, ConfigError):
            raise message.error
        if self.find_chat() is not None:
            self.toast(str(message.error), "warning")
        else:
            self.fail(message.error)


def open_route(preset: str, resumed: Resumed | None = None) -> CompareScreen:
    """Return the screen of a routed chat; its module is imported late."""
    from smallchat.tui.screens.route import RouteScreen

    return RouteScreen(preset, resumed)
