"""The one thread that talks to the network, with an event loop of its own, and a desk for work beside it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, ParamSpec, TypeVar

from smallchat.threads import DaemonPool

P = ParamSpec("P")
T = TypeVar("T")


class Network:
    """A daemon thread that runs an event loop; all time is stamped there, so nothing may block it.

    Whatever computes, reads a file or waits for a lock is done at the *desk*: one thread beside the loop
    that takes its work in order, so that the journal and the learned ratios need no locks of their own.
    """

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._desk: ThreadPoolExecutor | None = None

    @property
    def running(self) -> bool:
        """Whether the loop takes work."""
        return self._loop is not None

    def start(self) -> None:
        """Start the thread. Idempotent; called from the thread that owns the network, as ``close`` is."""
        if self._loop is not None:
            return
        loop = asyncio.new_event_loop()
        # Preparations and look-ups of names may wait for others: not in line, and not at the end.
        loop.set_default_executor(DaemonPool("smallchat-prepare"))
        self._desk = ThreadPoolExecutor(1, thread_name_prefix="smallchat-desk")
        self._thread = threading.Thread(target=_run, args=(loop,), name="smallchat-network", daemon=True)
        self._loop = loop
        self._thread.start()

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Run ``work`` on the loop and return its future. May be called from any thread.

        Raises:
            RuntimeError: The network is not running.
        """
        if self._loop is None:
            work.close()
            raise RuntimeError("the network is not running")
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def call_soon(self, callback: Callable[[], object]) -> None:
        """Call ``callback`` on the loop; nothing happens when it is closed. May be called from any thread."""
        if (loop := self._loop) is not None:
            with suppress(RuntimeError):  # closed meanwhile
                loop.call_soon_threadsafe(callback)

    async def at_desk(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do ``work`` at the desk and return its result."""
        return await asyncio.wrap_future(self.hand_over(work, *args, **kwargs))

    def hand_over(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Put ``work`` on the desk without waiting for it."""
        if self._desk is None:
            raise RuntimeError("the network is not running")
        return self._desk.submit(work, *args, **kwargs)

    def close(self, patience_s: float = 0.5) -> None:
        """Cancel what still runs, stop the loop and join the thread. Idempotent.

        Args:
            patience_s: Seconds for cancelled work to end; what takes longer is left to the daemon thread.
        """
        loop, thread = self._loop, self._thread
        if loop is None or thread is None:
            return
        self._loop = self._thread = None
        ending = asyncio.run_coroutine_threadsafe(_cancel_all(), loop)
        ending.add_done_callback(lambda _: loop.call_soon_threadsafe(loop.stop))
        thread.join(patience_s)
        if self._desk is not None:
            self._desk.shutdown(wait=False)  # what lies there, such as a last settlement, is still done


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        loop.close()


async def _cancel_all() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_asyncgens()
