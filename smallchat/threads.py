"""Threads that nobody waits for when smallchat ends."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class DaemonPool(ThreadPoolExecutor):
    """Does each job in a daemon thread of its own.

    For jobs that wait for others, such as a name server or a key command: Python joins the threads of a
    usual pool when it ends, and leaving would take as long as they do. A subclass of that pool, as asyncio
    takes nothing else for its default executor.
    """

    def __init__(self, name: str) -> None:
        """Prepare; each thread is called ``name``."""
        super().__init__(1)
        self._name = name

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Begin ``fn`` at once and return its future."""
        future: Future[T] = Future()

        def work() -> None:
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(fn(*args, **kwargs))
                except BaseException as error:  # for whoever waits for the future
                    future.set_exception(error)

        threading.Thread(target=work, name=self._name, daemon=True).start()
        return future
