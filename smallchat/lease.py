"""Signs of life: a file that its process keeps locked until it ends, however it ends.

Process ids are used again, mean nothing in another container and survive no reboot; a time to live runs out
while a laptop sleeps, and moves with the clock. The kernel's locks have none of these troubles.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from pathlib import Path


class Lease:
    """A sign of life, from its making to :meth:`end` or to the death of its process.

    Attributes:
        name: What others know it by.
    """

    def __init__(self, directory: Path, name: str | None = None) -> None:
        """Take a lease in ``directory``, under ``name`` or a new name.

        Raises:
            OSError: Nothing can be written or locked there.
        """
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.name = name or secrets.token_hex(8)
        self._path = directory / self.name
        self._file = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            raise

    def end(self) -> None:
        """Give the lease up. To be called once."""
        self._path.unlink(missing_ok=True)
        os.close(self._file)


def is_alive(directory: Path, name: str) -> bool:
    """Return whether the process that took the lease ``name`` still runs. A dead one's file is removed."""
    path = directory / name
    try:
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except OSError:
        return True  # nobody can tell, so nobody may take what is its own
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    else:
        path.unlink(missing_ok=True)
        return False
    finally:
        os.close(file)
