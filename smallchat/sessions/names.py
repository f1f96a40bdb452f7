"""Names of sessions for people, and keys of rows for the store."""

from __future__ import annotations

import os
import threading
import time

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: none is easily taken for another
LENGTH = 10  # 50 random bits: ten thousand sessions share a name with a chance of 1 in 20 million
_LOOKALIKES = str.maketrans("ilo", "110")
_RANDOM_BITS = 20

_lock = threading.Lock()
_last_key = 0


def new_session_id() -> str:
    """Return a name that no other session has."""
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in os.urandom(LENGTH))


def read_session_id(typed: str) -> str:
    """Return ``typed`` as it was meant: lower case, ``O`` for 0 and ``I`` for 1 understood."""
    return typed.strip().lower().translate(_LOOKALIKES)


def _random_bits() -> int:
    return int.from_bytes(os.urandom(4), "big") >> (32 - _RANDOM_BITS)


def new_key() -> int:
    """Return a key for a row: later keys are larger, and two processes hardly ever draw the same.

    41 bits of milliseconds and 20 random bits, so that rows sort by age and the index grows at its end.
    """
    global _last_key
    with _lock:
        key = (time.time_ns() // 1_000_000) << _RANDOM_BITS | _random_bits()
        _last_key = max(key, _last_key + 1)
        return _last_key
