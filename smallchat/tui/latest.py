"""A thread for work of which only the newest matters."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress


class LatestOnly:
    """Does one job at a time; a job that was not begun gives way to a newer one."""

    def __init__(self, name: str) -> None:
        """Prepare; the thread, called ``name``, starts with the first job."""
        self._name = name
        self._changed = threading.Condition()
        self._job: Callable[[], object] | None = None
        self._thread: threading.Thread | None = None
        self._ended = False

    def do(self, job: Callable[[], object]) -> None:
        """Have ``job`` done soon, unless a newer one comes first. Does not wait."""
        with self._changed:
            self._job = job
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            self._changed.notify()

    def end(self) -> None:
        """Let the thread end after the job it is at."""
        with self._changed:
            self._ended, self._job = True, None
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                while self._job is None and not self._ended:
                    self._changed.wait()
                job, self._job = self._job, None
            if job is None:
                return
            with suppress(Exception):  # a job that fails loses itself, not the thread
                job()
            del job  # it may hold a megabyte of text
