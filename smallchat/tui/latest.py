"""Work beside the screen of which only the newest matters."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress


class LatestOnly:
    """Does one job at a time, in a thread; a job that was not begun gives way to a newer one.

    The thread is there only while there is a job: to start one takes a tenth of a millisecond.
    """

    def __init__(self, name: str) -> None:
        """Prepare; the threads are called ``name``."""
        self._name = name
        self._lock = threading.Lock()
        self._job: Callable[[], object] | None = None
        self._working = False
        self._ended = False

    def do(self, job: Callable[[], object]) -> None:
        """Have ``job`` done soon, unless a newer one comes first. Does not wait."""
        with self._lock:
            if self._ended:
                return
            self._job = job
            if self._working:
                return
            self._working = True
        threading.Thread(target=self._run, name=self._name, daemon=True).start()

    def end(self) -> None:
        """Do no more after the job that is under way."""
        with self._lock:
            self._ended, self._job = True, None

    def _run(self) -> None:
        while True:
            with self._lock:
                job, self._job = self._job, None
                if job is None:
                    self._working = False
                    return
            with suppress(Exception):  # a job that fails loses itself, not the thread
                job()
            del job  # it may hold a megabyte of text
