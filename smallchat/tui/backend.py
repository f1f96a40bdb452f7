"""What the screens work with once it is loaded: the services and the engine. Loading it takes a thread."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from smallchat.config.errors import ConfigError

if TYPE_CHECKING:
    from smallchat.catalog.model import Model
    from smallchat.config.schema import Settings
    from smallchat.engine.budgeting import Budget
    from smallchat.engine.engine import Engine
    from smallchat.engine.services import Services
    from smallchat.sessions.store import Store


@dataclass(frozen=True, slots=True)
class Backend:
    """What the screens work with.

    Attributes:
        services: Settings, catalog, prices, estimates.
        budget: What may be spent, and what was.
        engine: Sends prompts under the budget; started.
        store: Keeps the sessions.
    """

    services: Services
    budget: Budget
    engine: Engine
    store: Store

    def close(self) -> None:
        """Stop what runs, book it and write it down."""
        self.engine.close()
        self.budget.close()
        self.store.close()

    def with_settings(self, settings: Settings) -> Backend:
        """Return the backend as ``settings`` want it, which change neither models nor providers.

        The budget holds at once, for every screen.
        """
        self.budget.hard_stop = settings.budget.hard_stop
        self.budget.ledger.budget = settings.budget
        return replace(self, services=replace(self.services, settings=settings))

    def system_for(self, model: Model) -> str:
        """Return the system prompt of ``model``: its own, or else the app's."""
        settings = self.services.settings
        own = settings.models.get(model.name)
        return settings.app.system if own is None or own.system is None else own.system


def load_backend(config: Path, on_trouble: Callable[[str], None]) -> Backend:
    """Read the configuration, open the store and start the engine.

    Args:
        config: The configuration's file.
        on_trouble: Gets two lines for the user, in any thread, when something can not be kept or booked.

    Raises:
        ConfigError: The configuration has a mistake.
    """
    from smallchat.engine.budgeting import Budget
    from smallchat.engine.engine import Engine
    from smallchat.engine.services import Services
    from smallchat.sessions.store import Store
    from smallchat.tui.keymap import check_keymap

    services = Services.load(config, os.environ)
    check_keymap(services.settings.keys, config)
    budget = Budget(services, on_trouble)
    engine = Engine(services, admission=budget)
    engine.start()
    return Backend(services, budget, engine, Store.open(services.data_dir, on_trouble))


class Loading:
    """Loads a backend in a thread, so that the screen is painted first."""

    def __init__(
        self,
        load: Callable[[], Backend],
        on_ready: Callable[[Backend], object],
        on_error: Callable[[Exception], object],
        on_complete: Callable[[], object],
        then: Callable[[Backend], object],
    ) -> None:
        """Prepare to load.

        Args:
            load: Gives the backend.
            on_ready: Called in the thread with the backend.
            on_error: Called in the thread instead, with what went wrong.
            on_complete: Called in the thread when what the first answer needs is loaded too.
            then: Called in the thread at the end, with the backend, for what has time.
        """
        self._load = load
        self._on_ready, self._on_error, self._on_complete = on_ready, on_error, on_complete
        self._then = then

    def start(self) -> None:
        """Start the thread; it does not keep the program alive."""
        threading.Thread(target=self._run, name="smallchat-loading", daemon=True).start()

    def _run(self) -> None:
        try:
            backend = self._load()
        except Exception as error:  # the thread has nobody above it: the app reports
            self._on_error(error)
            return
        self._on_ready(backend)
        from smallchat.tui.widgets.transcript import warm_transcript

        services = backend.services
        for load in (warm_transcript, services.prices.load, services.tokens.load):
            try:
                load()
            except (OSError, ImportError, ValueError, ConfigError):
                continue  # prices and counts are then as unknown as they are
        self._on_complete()
        self._then(backend)
