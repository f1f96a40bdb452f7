"""The configuration's file as text and plain values, before anything is known about its keys."""

from __future__ import annotations

import os
import shlex
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from smallchat.config.errors import ConfigError, reason
from smallchat.safe_text import safe_line

LARGEST_FILE = 1024 * 1024  # bytes; so that a wrong --config /dev/zero ends
_SECRET_HEADER = ("auth", "key", "token", "secret", "cookie")


@dataclass(frozen=True, slots=True)
class Document:
    """One configuration file. Its text and data may hold keys: neither is shown in a repr.

    Attributes:
        path: The file.
        text: Its text, without a byte order mark, its lines ending in a line feed alone.
        data: Its values; numbers with a point are exact decimals.
        raw: Its bytes.
    """

    path: Path
    text: str = field(repr=False)
    data: dict[str, Any] = field(repr=False)
    raw: bytes = field(default=b"", repr=False)


def read_document(path: Path) -> Document | None:
    """Return the file at ``path``, or ``None`` when there is none.

    Raises:
        ConfigError: It can not be read, is not UTF-8 or TOML, or holds keys that others can read.
    """
    read = _read_bytes(path)
    if read is None:
        return None
    raw, mode = read
    text = _decode(path, raw)
    document = Document(path, text, _parse(path, text), raw)
    if os.name != "nt" and mode & (stat.S_IRGRP | stat.S_IROTH) and holds_secrets(document.data):
        cure = f"chmod 600 {shlex.quote(name_of(path))}"
        raise ConfigError(f"{name_of(path)} holds keys and others can read it. Cure: {cure}")
    return document


def name_of(path: Path) -> str:
    """Return ``path`` as messages show it."""
    return safe_line(str(path), 400)


def tables_of(data: Mapping[str, Any], name: str) -> dict[str, dict[str, Any]]:
    """Return the tables inside the table ``name`` of unvalidated ``data``; what is no table is left out."""
    outer = data.get(name)
    if not isinstance(outer, dict):
        return {}
    return {key: table for key, table in outer.items() if isinstance(table, dict)}


def holds_secrets(data: Mapping[str, Any]) -> bool:
    """Return whether a provider's table has a key in it, or a header that looks like one."""
    for table in tables_of(data, "providers").values():
        headers = table.get("headers")
        named = headers if isinstance(headers, dict) else {}
        if "api_key" in table or any(word in name.lower() for name in named for word in _SECRET_HEADER):
            return True
    return False


def _read_bytes(path: Path) -> tuple[bytes, int] | None:
    """Return the bytes and permission bits of the file, or ``None`` when there is none."""
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            raw = file.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        return None
    except IsADirectoryError:
        raise ConfigError(
            f"{name_of(path)} is a directory; name the file, such as config.toml, in it."
        ) from None
    except PermissionError:
        raise ConfigError(f"{name_of(path)} can not be read: permission denied.") from None
    except OSError as error:
        raise ConfigError(f"{name_of(path)} can not be read: {reason(error)}.") from None
    except ValueError:  # a NUL in the name
        raise ConfigError(f"{name_of(path)} is not the name of a file.") from None
    if len(raw) > LARGEST_FILE:
        raise ConfigError(f"{name_of(path)} is larger than 1 MB: that is no smallchat configuration.")
    return raw, mode


def _decode(path: Path, raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
    raise ConfigError(f"{name_of(path)}, line {line}: not UTF-8 text. Save it as UTF-8.")


def _parse(path: Path, text: str) -> dict[str, Any]:
    # Raised outside the handlers: the parser's exception and its frames hold the whole text, keys included.
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        problem = f"not valid TOML: {str(error).split(chr(10))[0]}"
    except RecursionError:
        problem = "nested too deeply"
    except (ValueError, ArithmeticError):
        problem = "a number in it is too long"
    raise ConfigError(f"{name_of(path)}: {safe_line(problem)}.")
