"""Themes are data: TOML files shipped with smallchat, and the user's own beside the configuration."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from textual.color import Color, ColorParseError
from textual.theme import Theme

from smallchat.config.errors import ConfigError, reason, suggest
from smallchat.safe_text import safe_line

_PACKAGE = Path(__file__).parent.parent
_COLORS = frozenset(
    ("primary", "secondary", "accent", "foreground", "background", "surface", "panel", "boost",
     "success", "warning", "error")
)  # fmt: skip
_REQUIRED_VARIABLES = {"quiet": "foreground", "line": "panel"}  # with the colour that stands in for each
_LARGEST = 64 * 1024  # bytes; a theme has about 500


def shipped_themes() -> Path:
    """Return the directory of smallchat's own themes: in the package, or beside it in a checkout."""
    packaged = _PACKAGE / "themes"
    return packaged if packaged.is_dir() else _PACKAGE.parent / "themes"


def find_theme(name: str, user_themes: Path | None = None) -> Path:
    """Return the file of the theme ``name``; the user's own come first.

    Raises:
        ConfigError: There is none of this name.
    """
    directories = [shipped_themes()] if user_themes is None else [user_themes, shipped_themes()]
    if name == Path(name).name:
        for directory in directories:
            if (path := directory / f"{name}.toml").is_file():
                return path
    known = sorted({path.stem for directory in directories for path in directory.glob("*.toml")})
    raise ConfigError(f"There is no theme {safe_line(name, 60)!r}. {suggest(name, known)}")


def read_stamp(path: Path) -> tuple[int, int] | None:
    """Return what changes when the file at ``path`` is saved; ``None`` when it is not there."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def load_theme(path: Path) -> Theme:
    """Return the theme in the file at ``path``.

    Raises:
        ConfigError: The file can not be read, or is no theme; the message names the file and the key.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise ConfigError(f"{path}: is too large for a theme.")
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {reason(error)}.") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: {safe_line(str(error))}.") from None
    try:
        return _build(data, path.stem)
    except _BadTheme as error:
        raise ConfigError(f"{path}: {error}") from None


def flatten(theme: Theme) -> Theme:
    """Return ``theme`` for 16 colours, of which one would be both quiet text and the ground below it."""
    return replace(theme, surface=theme.background, panel=theme.background, boost=theme.background)


class _BadTheme(Exception):  # noqa: N818 - a mistake of the file's author
    """What is wrong with a theme, without its file."""


def _build(data: dict[str, Any], name: str) -> Theme:
    _check_keys(data, {"name", "dark", "colors", "variables"}, "")
    colors, variables = _read_colors(data, "colors"), _read_colors(data, "variables")
    _check_keys(colors, _COLORS, "colors.")
    for color in ("primary", "foreground", "background", "panel"):
        if color not in colors:
            raise _BadTheme(f"colors.{color} is missing.")
    dark = data.get("dark", True)
    if not isinstance(dark, bool):
        raise _BadTheme("dark must be true or false.")
    for variable, stand_in in _REQUIRED_VARIABLES.items():
        variables.setdefault(variable, colors[stand_in])
    return Theme(name=name, dark=dark, variables=variables, **cast(dict[str, Any], colors))


def _read_colors(data: dict[str, Any], table: str) -> dict[str, str]:
    entries = data.get(table, {})
    if not isinstance(entries, dict):
        raise _BadTheme(f"{table} must be a table.")
    for key, value in entries.items():
        try:
            Color.parse(value)
        except (ColorParseError, TypeError, AttributeError):
            shown = safe_line(repr(value), 40)
            raise _BadTheme(
                f'{table}.{safe_line(key, 40)} must be a colour such as "#8fb1ea", not {shown}.'
            ) from None
    return dict(entries)


def _check_keys(found: dict[str, Any], known: set[str] | frozenset[str], prefix: str) -> None:
    for key in found:
        if key not in known:
            raise _BadTheme(f"unknown key {prefix}{safe_line(key, 40)}. {suggest(key, known)}")
