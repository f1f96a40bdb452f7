"""A key that was entered: tested against its provider in a thread, then kept."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.message import Message

from smallchat.config.errors import ConfigError
from smallchat.config.keys import BadKey, Secret
from smallchat.tui.screens.base import SmallchatScreen
from smallchat.tui.widgets.offers import KeyOffer

if TYPE_CHECKING:
    from smallchat.config.provider import Provider


class KeySavingScreen(SmallchatScreen):
    """A screen with a ``KeyOffer``, whose keys it tests and keeps.

    Attributes:
        config: The configuration's file.
    """

    @dataclass
    class KeyKept(Message):
        """A key is in the configuration."""

        provider: str
        key: Secret
        tested: bool

    @dataclass
    class KeyNotKept(Message):
        """A key was not kept; one that could not be tested can be kept anyway."""

        text: str
        untested: bool = False

    @dataclass
    class KeyTested(Message):
        """A key is on its way to its provider."""

        where: str

    def __init__(self, config: Path) -> None:
        """Keep keys in ``config``."""
        super().__init__()
        self.config = config
        self._entered: tuple[str, Secret] | None = None

    @on(KeyOffer.Entered)
    def _test_key(self, message: KeyOffer.Entered) -> None:
        try:
            self._entered = (message.provider, Secret(message.key))
        except BadKey as error:
            self.post_message(self.KeyNotKept(f"This key {error}."))
        else:
            self._begin(test=True)

    @on(KeyOffer.KeepAnyway)
    def _keep_untested(self) -> None:
        self._begin(test=False)

    def _begin(self, *, test: bool) -> None:
        if self._entered is not None:
            provider, key = self._entered
            work = partial(self._test_and_keep, provider, key, test=test)
            threading.Thread(target=work, name="smallchat-key", daemon=True).start()

    def _test_and_keep(self, name: str, key: Secret, *, test: bool) -> None:
        from smallchat.config.writing import set_key

        try:
            if test and (problem := self._test(find_provider(self.config, name), key)):
                self.post_message(problem)
                return
            set_key(self.config, name, key)
        except ConfigError as error:
            self.post_message(self.KeyNotKept(str(error)))
        else:
            self.post_message(self.KeyKept(name, key, tested=test))

    def _test(self, provider: Provider, key: Secret) -> KeyNotKept | None:
        from smallchat.providers import key_check

        self.post_message(self.KeyTested(provider.base_url or provider.label))
        check = key_check.check_key(provider, key)
        if check.verdict == "accepted":
            return None
        if check.verdict == "unknown":
            return self.KeyNotKept(f"It could not be tested. {check.text}", untested=True)
        why = check.failure.message if check.failure else ""
        return self.KeyNotKept(f"{why}\nIt was not kept: look whether it is whole, and enter it again.")

    @on(KeyTested)
    def _show_test(self, message: KeyTested) -> None:
        self.query_one(KeyOffer).show_test(message.where)

    @on(KeyNotKept)
    def _show_key_problem(self, message: KeyNotKept) -> None:
        self.query_one(KeyOffer).show_problem(message.text, untested=message.untested)


def find_provider(config: Path, name: str) -> Provider:
    """Return the provider ``name`` as the file at ``config`` has it now: the key goes to its address.

    Raises:
        ConfigError: The file has a mistake, or there is no such provider.
    """
    from smallchat.config.provider import Providers
    from smallchat.config.reading import load_settings

    return Providers(load_settings(config), os.environ).get(name)
