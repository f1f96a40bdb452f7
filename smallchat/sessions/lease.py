"""Which processes are alive: each holds a lock on a file of its own, which ends with the process.

Process ids are reused, mean nothing in another container and survive no reboot; the kernel's locks have
none of these troubles.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class Lease:
    """A sign of life, from its making to :meth:`end` or the death of the process."""

    def __init__(self, directory: Path) -> None:
        """Take a new lease in ``directory``.

        Raises:
            OSError: Nothing can be written or locked there.
        """
        directory.mkdir(mode=0o700, exist_ok=True)
        self.name = os.urandom(8).hex()
        self._path = directory / self.name
        self._file = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def end(self) -> None:
        """Give the lease up."""
        self._path.unlink(missing_ok=True)
        os.close(self._file)


def is_alive(directory: Path, name: str) -> bool:
    """Return whether the process that took the lease ``name`` still runs; a dead one's file is removed."""
    path = directory / name
    try:
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        path.unlink(missing_ok=True)
        return False
    finally:
        os.close(file)
