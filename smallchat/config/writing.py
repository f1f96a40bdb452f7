"""Changes of the configuration's file: all or nothing, its owner's alone, the previous file kept."""

from __future__ import annotations

import os
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smallchat.config.document import Document, name_of, read_document
from smallchat.config.editing import edit_text
from smallchat.config.errors import ConfigError, reason
from smallchat.config.keys import Secret
from smallchat.config.lines import outline
from smallchat.config.reading import validate

Change = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Written:
    """What a change did: the file, its previous version, and whether only that one still has the comments."""

    path: Path
    backup: Path | None
    comments_lost: bool = False


def update_config(path: Path, change: Change) -> Written:
    """Let ``change`` alter the values of the file at ``path`` in place, and write them if they are valid.

    A link is followed. Comments stay where the change allows it. The previous file is kept beside the new
    one as ``NAME.bak``; both can be read by their owner alone.

    Raises:
        ConfigError: The file is broken, the changed one would be, or it can not be written; it is as it was.
    """
    path = follow_link(path)
    document = read_document(path)
    old = document.data if document else {}
    if document:
        validate(document)
    new = deepcopy(old)
    change(new)
    validate(Document(path, "", new), with_lines=False)
    text = edit_text(document.text, old, new) if document else None
    comments_lost = text is None and document is not None and outline(document.text).has_comments
    backup = None
    if document:
        backup = path.with_name(f"{path.name}.bak")
        write_private(backup, document.raw)
    write_private(path, _encode(path, new if text is None else text))
    return Written(path, backup, comments_lost)


def set_key(path: Path, provider: str, secret: Secret) -> Written:
    """Write ``secret`` as the key of ``provider``, instead of any other source that its table names.

    Raises:
        ConfigError: As :func:`update_config`; or ``provider`` is neither known nor has an address.
    """

    def change(data: dict[str, Any]) -> None:
        table = data.setdefault("providers", {}).setdefault(provider, {})
        for other in ("key_env", "key_command"):
            table.pop(other, None)
        table["api_key"] = secret.reveal()

    return update_config(path, change)


def remove_key(path: Path, provider: str) -> Written:
    """Remove what the table of ``provider`` says about its key.

    Raises:
        ConfigError: As :func:`update_config`; or it says nothing.
    """

    def change(data: dict[str, Any]) -> None:
        table = data.get("providers", {}).get(provider, {})
        said = [table.pop(source, None) for source in ("api_key", "key_env", "key_command")]
        if not any(said):
            raise ConfigError(f"{name_of(path)} has no key for {provider}.")

    return update_config(path, change)


def init_config(path: Path) -> Path:
    """Write a commented example to ``path`` and return the file.

    Raises:
        ConfigError: There is a file already, or it can not be written.
    """
    path = follow_link(path)
    if path.exists():
        raise ConfigError(f"{name_of(path)} exists already; smallchat config show prints what it says.")
    write_private(path, Path(__file__).with_name("example.toml").read_bytes())
    return path


def write_private(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path`` at once or not at all, readable by its owner alone; make its directory.

    Raises:
        ConfigError: It can not be written; an existing file is as it was.
    """
    import tempfile

    temporary: Path | None = None
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=".smallchat-", suffix=".new", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        temporary = None
        _sync_directory(path.parent)
    except OSError as error:
        problem = reason(error)
    else:
        return
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
    raise ConfigError(f"{name_of(path)} can not be written: {problem}. Nothing was changed.")


def follow_link(path: Path) -> Path:
    """Return the file that ``path`` leads to.

    Raises:
        ConfigError: It leads in a circle, or to something that is no file and must not be replaced.
    """
    try:
        target = path.resolve()
        usable = target.is_file() or not target.exists()
    except (OSError, RuntimeError, ValueError):
        usable = False
    if not usable:
        raise ConfigError(f"{name_of(path)} is not a file that can be written.")
    return target


def _sync_directory(directory: Path) -> None:
    """Make the new name survive a power cut, where the system can."""
    try:
        descriptor = os.open(directory, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError:
        pass
    finally:
        os.close(descriptor)


def _encode(path: Path, content: str | dict[str, Any]) -> bytes:
    """Return the bytes of a TOML text, or of the values to make one of."""
    import tomli_w

    try:
        return (content if isinstance(content, str) else tomli_w.dumps(content)).encode("utf-8")
    except UnicodeEncodeError:
        raise ConfigError(f"{name_of(path)}: what is to be written is not text.") from None
