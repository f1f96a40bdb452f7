"""A key that was entered: tested against its provider in a thread, then kept and used at once."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.message import Message

from smallchat.config.errors import ConfigError
from smallchat.config.keys import BadKey, Secret
from smallchat.tui.screens.base import SmallchatScreen
from smallchat.tui.widgets.key_form import KeyForm

if TYPE_CHECKING:
    from smallchat.config.provider import Provider
    from smallchat.providers.key_check import KeyCheck
    from smallchat.tui.session_app import SessionApp


class KeySavingScreen(SmallchatScreen):
    """A screen with a ``KeyForm``, whose keys it tests and keeps. Who leaves during the test is told later.

    Attributes:
        config: The configuration's file.
    """

    @dataclass
    class KeyKept(Message):
        """A key is in the configuration.

        Attributes:
            provider: Whose it is.
            label: What that is called.
            address: Where it may go; what runs may know another one.
            key: The key.
            tested: Whether the provider took it.
            used: Whether it is used from now on.
        """

        provider: str
        label: str
        address: str | None
        key: Secret
        tested: bool
        used: bool = False

        @property
        def told(self) -> str:
            """What to tell the user."""
            how = "works and is kept" if self.tested else "is kept, untested"
            used = "it is used from now on" if self.used else "its address has changed: start smallchat again"
            return f"The key for {self.label} {how}; {used}."

    @dataclass
    class KeyNotKept(Message):
        """A key was not kept; one that could not be tested can be kept anyway."""

        provider: str
        told: str
        untested: bool = False

    @dataclass
    class KeyTested(Message):
        """A key is on its way to its provider."""

        where: str

    def __init__(self, config: Path) -> None:
        """Keep keys in ``config``."""
        super().__init__()
        self.config = config
        self.busy = False
        self._entered: tuple[str, Secret] | None = None

    @on(KeyForm.Entered)
    def _test_key(self, message: KeyForm.Entered) -> None:
        try:
            self._entered = (message.provider, Secret(message.key))
        except BadKey as error:
            self._entered = None
            self.post_message(self.KeyNotKept(message.provider, f"This key {error}."))
        else:
            self._begin(test=True)

    @on(KeyForm.KeepAnyway)
    def _keep_untested(self) -> None:
        self._begin(test=False)

    def _begin(self, *, test: bool) -> None:
        if self._entered is not None:
            self.do_beside(partial(self._test_and_keep, *self._entered, test=test))

    def do_beside(self, work: Callable[[], Message]) -> None:
        """Do ``work`` in a thread, one at a time, and hear what it returns, here or after leaving."""
        from smallchat.tui.session_app import SessionApp

        app = self.app
        if self.busy:
            self.toast("The last one is still being tested.")
            return
        assert isinstance(app, SessionApp)
        self.busy = True

        def do() -> None:
            app.call_later(self._hear, app, work())

        threading.Thread(target=do, name="smallchat-key", daemon=True).start()

    def _hear(self, app: SessionApp, result: Message) -> None:
        self.busy = False
        if isinstance(result, self.KeyKept):
            self._entered = None
            result.used = app.use_key(result.provider, result.key, result.address)
        if not self.post_message(result):  # the screen was left meanwhile
            self.tell_elsewhere(app, result)

    def tell_elsewhere(self, app: SessionApp, result: Message) -> None:
        """Tell ``result`` to who has left."""
        if isinstance(result, self.KeyKept):
            app.toast(result.told)
        elif isinstance(result, self.KeyNotKept):
            app.toast(f"{result.told}\nThe key was not kept.", "warning")

    def _test_and_keep(self, name: str, key: Secret, *, test: bool) -> Message:
        from smallchat.config.writing import set_key

        try:
            provider = find_provider(self.config, name)
            if test and (problem := self._test(provider, key)):
                return problem
        except ConfigError as error:
            return self.KeyNotKept(name, str(error))
        try:
            set_key(self.config, name, key)
        except ConfigError as error:
            instead = f"\nIn the variable {provider.key_env} it works, too." if provider.key_env else ""
            return self.KeyNotKept(name, f"{error}{instead}")
        return self.KeyKept(name, provider.label, provider.base_url, key, tested=test)

    def _test(self, provider: Provider, key: Secret) -> KeyNotKept | None:
        check = self.ask_about(provider, key)
        if check.verdict == "accepted":
            return None
        if check.verdict == "unknown":
            return self.KeyNotKept(provider.name, f"It could not be tested. {check.text}", untested=True)
        why = check.failure.message if check.failure else ""
        return self.KeyNotKept(
            provider.name, f"{why}\nIt was not kept: look whether it is whole, and enter it again."
        )

    def ask_about(self, provider: Provider, key: Secret) -> KeyCheck:
        """Return what ``provider`` says of ``key``. Takes seconds: for a thread."""
        from smallchat.providers import key_check

        self.post_message(self.KeyTested(provider.base_url or provider.label))
        return key_check.check_key(provider, key)

    @on(KeyTested)
    def _show_test(self, message: KeyTested) -> None:
        self.query_one(KeyForm).show_test(message.where)

    @on(KeyNotKept)
    def _show_key_problem(self, message: KeyNotKept) -> None:
        form = self.query_one(KeyForm)
        if message.provider == form.provider:
            form.show_problem(message.told, untested=message.untested)
        else:
            self.toast(message.told, "warning")


def find_provider(config: Path, name: str) -> Provider:
    """Return the provider ``name`` as the file at ``config`` has it now: the key goes to its address.

    Raises:
        ConfigError: The file has a mistake, or there is no such provider.
    """
    from smallchat.config.provider import Providers
    from smallchat.config.reading import load_settings

    return Providers(load_settings(config), os.environ).get(name)
