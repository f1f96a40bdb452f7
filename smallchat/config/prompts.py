"""The user's prompt library: TOML files in ``prompts/`` beside the configuration, and ``prompts.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smallchat.config.document import LARGEST_FILE, name_of
from smallchat.config.errors import ConfigError, reason
from smallchat.config.lines import outline
from smallchat.safe_text import safe_line

FIELD = r"\{[^\W\d][\w -]{0,39}\}"
_TOKEN = re.compile(rf"\{{\{{|\}}\}}|({FIELD})")
_KEYS = ("text", "title")
_SINGLE = "prompts.toml"


@dataclass(frozen=True, slots=True)
class SavedPrompt:
    """A prompt of the library.

    Attributes:
        name: Its table's name.
        title: What it is for; its name where nothing is said.
        text: The prompt, each ``{placeholder}`` in its place, doubled braces made single.
        fields: The placeholders in the order of their first places, braces included.
    """

    name: str
    title: str
    text: str
    fields: tuple[str, ...] = ()


def read_library(config: Path) -> tuple[list[SavedPrompt], list[str]]:
    """Return the library beside the configuration's file ``config``, and what is wrong in it, by line.

    A mistake costs the prompt it is in, or the file if it is no TOML; never the others.
    """
    prompts: dict[str, SavedPrompt] = {}
    problems: list[str] = []
    for path in _find_files(config.parent):
        try:
            found, wrong = _read_file(path)
        except ConfigError as error:
            problems.append(str(error))
            continue
        prompts |= {prompt.name: prompt for prompt in found}
        problems += wrong
    return sorted(prompts.values(), key=lambda prompt: prompt.title.casefold()), problems


def library_file(config: Path) -> Path:
    """Return the file that prompts are added to, beside the configuration's file ``config``."""
    return config.parent / _SINGLE


def parse_template(template: str) -> tuple[str, tuple[str, ...]]:
    """Return the text of ``template`` with doubled braces made single, and its placeholders."""
    fields = dict.fromkeys(match[0] for match in _TOKEN.finditer(template) if match[1])
    return _TOKEN.sub(lambda match: match[0] if match[1] else match[0][0], template), tuple(fields)


def _find_files(directory: Path) -> Iterator[Path]:
    single = directory / _SINGLE
    if single.is_file():
        yield single
    try:
        yield from sorted(path for path in (directory / "prompts").iterdir() if path.suffix == ".toml")
    except OSError:
        return


def _read_file(path: Path) -> tuple[list[SavedPrompt], list[str]]:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ConfigError(f"{name_of(path)}: larger than 1 MB.")
        text = path.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
        data = tomllib.loads(text)
    except OSError as error:
        raise ConfigError(f"{name_of(path)}: {reason(error)}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{name_of(path)}: not UTF-8 text.") from None
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line (\d+)", str(error))
        where = f", line {place[1]}" if place else f", line {text.count(chr(10)) + 1}"
        words = safe_line(str(error).partition(" (at ")[0], 120)
        raise ConfigError(f"{name_of(path)}{where}: {words}.") from None
    except RecursionError:
        raise ConfigError(f"{name_of(path)}: nested too deep.") from None
    places = outline(text)
    prompts: list[SavedPrompt] = []
    problems: list[str] = []
    for name, table in data.items():
        wrong = _find_mistake(name, table)
        if wrong is None:
            body, fields = parse_template(table["text"])
            title = safe_line(table.get("title") or name, 80)
            prompts.append(SavedPrompt(name, title, body, fields))
        else:
            key, words = wrong
            line = places.line_of((name, key) if key else (name,))
            problems.append(f"{name_of(path)}, line {line}: {words}")
    return prompts, problems


def _find_mistake(name: str, table: Any) -> tuple[str, str] | None:
    """Return the key in ``table`` that is wrong, and what is; ``None`` for a good prompt."""
    told = safe_line(name, 40)
    if not isinstance(table, Mapping):
        return "", f'"{told}" should be a table: [{told}] with text = "…".'
    for key in table:
        if key not in _KEYS:
            return key, f'unknown key "{safe_line(key, 40)}" in [{told}]. A prompt has text and title.'
    for key in table:
        if not isinstance(table[key], str):
            return key, f"{key} in [{told}] should be text."
    if not table.get("text", "").strip():
        return "", f"[{told}] has no text."
    return None
