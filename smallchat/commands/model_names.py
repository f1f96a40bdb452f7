"""The models named on a command line."""

from __future__ import annotations

from smallchat.config.defaults import MOST_MODELS
from smallchat.config.errors import ConfigError


def parse_model_names(option: str) -> tuple[str, ...]:
    """Return the names in ``option``, which separates them with commas.

    Raises:
        ConfigError: It names none, more than three, or one of them twice.
    """
    names = tuple(name.strip() for name in option.split(",") if name.strip())
    if not names:
        raise ConfigError("-m names no model: try -m gpt-5.4-mini,claude-haiku-4-5")
    if len(names) > MOST_MODELS:
        raise ConfigError(f"-m names {len(names)} models, {MOST_MODELS} fit side by side: leave some out.")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise ConfigError(
            f"-m names {twice} twice: to compare it with other parameters of its own,\n"
            f'add [models.another] id = "{twice}" to the configuration.'
        )
    return names
