"""What a command works with: the settings, and what is opened with them and has to be closed again."""

from __future__ import annotations

import os
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

from smallchat.commands.narration import narrate

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from smallchat.catalog.model import Model
    from smallchat.engine.budgeting import Budget
    from smallchat.engine.engine import Engine
    from smallchat.engine.keeping import Keeper
    from smallchat.engine.services import Services


def load_services(options: argparse.Namespace) -> Services:
    """Return the user's settings and what follows from them.

    Raises:
        ConfigError: The configuration has a mistake, or ``--config`` names none.
    """
    from smallchat.config.paths import config_file
    from smallchat.engine.services import Services

    return Services.load(config_file(options.config), os.environ, must_exist=options.config is not None)


def open_keeper(services: Services, models: Sequence[Model], opened: ExitStack, mode: str = "") -> Keeper:
    """Return what keeps the exchange as a session; closing ``opened`` writes what waits to be written."""
    from smallchat.engine.keeping import Keeper
    from smallchat.sessions.store import Store

    store = opened.enter_context(closing(Store.open(services.data_dir, narrate)))
    services.prices.load()  # to be kept with the session
    return Keeper(store, services.prices, mode or ("compare" if len(models) > 1 else "chat"), models)


def open_budget(services: Services, opened: ExitStack) -> Budget:
    """Return the user's budget; closing ``opened`` books what waits to be booked."""
    from smallchat.engine.budgeting import Budget

    return opened.enter_context(closing(Budget(services, narrate)))


def start_engine(services: Services, budget: Budget, opened: ExitStack) -> Engine:
    """Return a running engine under ``budget``; closing ``opened`` ends it and books what it spent."""
    from smallchat.engine.engine import Engine

    engine = opened.enter_context(closing(Engine(services, admission=budget)))
    engine.start()
    return engine
