"""What a path can go on with: the names in its folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

MOST_LOOKED_AT = 5_000
MOST_LISTED = 300


def list_paths(typed: str, suffixes: Sequence[str] = ()) -> list[str]:
    """Return the paths that go on as ``typed``: folders first, each with a slash at its end.

    Hidden names come after a typed dot only, and names that act on a terminal never.

    Args:
        typed: The beginning of a path, from the working directory or ``~`` on.
        suffixes: Endings of the files to list, such as ``.json``; without any, all files.
    """
    folder, slash, start = typed.rpartition("/")
    folders: list[str] = []
    files: list[str] = []
    try:
        with os.scandir(Path(folder + slash or ".").expanduser()) as entries:
            for count, entry in enumerate(entries):
                name = entry.name
                if count >= MOST_LOOKED_AT:
                    break
                if not name.startswith(start) or not name.isprintable():
                    continue
                if name.startswith(".") and not start.startswith("."):
                    continue
                if _leads_to_folder(entry):
                    folders.append(f"{folder}{slash}{name}/")
                elif not suffixes or name.casefold().endswith(tuple(suffixes)):
                    files.append(f"{folder}{slash}{name}")
    except (OSError, RuntimeError, ValueError):
        return []
    return (sorted(folders, key=str.casefold) + sorted(files, key=str.casefold))[:MOST_LISTED]


def _leads_to_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads in a circle, or to where nobody may look
        return False


def complete_path(typed: str, paths: Sequence[str]) -> str:
    """Return ``typed`` with all that ``paths``, which go on as it, have in common."""
    return os.path.commonprefix(list(paths)) or typed  # noqa: RUF071 - it is names that are completed


def folder_above(typed: str) -> str:
    """Return the folder above the one that ``typed`` is in, a slash at its end; "" when there is none."""
    folder, slash, _ = typed.rpartition("/")
    if not folder and slash:
        return ""  # the root
    last = folder.rpartition("/")[2]
    if last in ("", ".", ".."):
        return f"{folder}{slash}../"
    if last.startswith("~"):
        try:
            return f"{Path(folder).expanduser().parent}/".replace("//", "/")
        except RuntimeError:
            return ""
    return folder.removesuffix(last) or "./"
