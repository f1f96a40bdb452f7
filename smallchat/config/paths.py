"""Where the configuration and the data are."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from smallchat.config.errors import ConfigError

APP = "smallchat"


def config_file(option: Path | None = None) -> Path:
    """Return the configuration's file: ``option``, else ``SMALLCHAT_CONFIG``, else the user's own.

    The file need not exist.

    Raises:
        ConfigError: There is no home directory to look in.
    """
    if option is not None:
        return option
    if named := os.environ.get("SMALLCHAT_CONFIG"):
        return _expand(Path(named))
    return config_dir() / "config.toml"


def config_dir() -> Path:
    """Return the user's configuration directory, which need not exist.

    Raises:
        ConfigError: There is no home directory.
    """
    import platformdirs

    return _at_home(platformdirs.user_config_path, "SMALLCHAT_CONFIG")


def data_dir() -> Path:
    """Return the directory of sessions, weights and learned ratios, which need not exist.

    Raises:
        ConfigError: There is no home directory, and ``SMALLCHAT_DATA_DIR`` names none.
    """
    if named := os.environ.get("SMALLCHAT_DATA_DIR"):
        return _expand(Path(named))
    import platformdirs

    return _at_home(platformdirs.user_data_path, "SMALLCHAT_DATA_DIR")


def _at_home(find: Callable[..., Path], variable: str) -> Path:
    """Return what ``find`` of platformdirs finds for smallchat; ``variable`` could name a place instead."""
    try:
        return find(APP, appauthor=False)
    except RuntimeError:
        problem = f"There is no home directory: set HOME, or name a place with {variable}."
    raise ConfigError(problem)


def _expand(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError:
        raise ConfigError(f"{path} starts at a home directory that is not known.") from None
