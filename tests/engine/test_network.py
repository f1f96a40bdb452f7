from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

import pytest

from smallchat.engine.network import Network


async def name_thread() -> str:
    return threading.current_thread().name


def test_work_runs_in_a_daemon_thread_that_ends() -> None:
    network = Network()
    network.start()
    network.start()
    thread = network._thread
    assert thread is not None
    assert thread.daemon
    assert network.submit(name_thread()).result(5) == "smallchat-network"
    network.close()
    network.close()
    assert not thread.is_alive()


def test_work_at_the_desk_keeps_its_order_and_is_done_at_the_end() -> None:
    network = Network()
    network.start()
    hold, seen = threading.Event(), list[int]()
    network.hand_over(hold.wait, 5)
    futures = [network.hand_over(seen.append, number) for number in range(20)]
    network.close()
    hold.set()
    for future in futures:
        future.result(5)
    assert seen == list(range(20))


def test_closing_cancels_what_runs() -> None:
    network = Network()
    network.start()
    cancelled = threading.Event()

    async def run() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    future = network.submit(run())
    network.close()
    assert cancelled.is_set()
    assert future.cancelled()


def test_a_closed_network_takes_nothing() -> None:
    network = Network()
    with pytest.raises(RuntimeError):
        network.submit(name_thread())
    network.call_soon(pytest.fail)


def test_it_can_be_started_again() -> None:
    network = Network()
    for _ in range(2):
        network.start()
        assert network.submit(name_thread()).result(5) == "smallchat-network"
        network.close()


def test_a_preparation_that_waits_holds_nobody_at_the_end() -> None:
    program = """
import asyncio, threading, time
from smallchat.engine.network import Network
network, begun = Network(), threading.Event()
network.start()
network.submit(asyncio.to_thread(lambda: (begun.set(), time.sleep(60))))
begun.wait(20)
network.close()
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)
