"""The HTTP client under both SDKs, set up so that nothing waits, strays or leaks."""

from __future__ import annotations

import ssl
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from smallchat.config.provider import Provider, is_loopback
from smallchat.providers.watch import watching

if TYPE_CHECKING:
    import httpx2

KEEP_ALIVE_S = 60.0  # httpx2's own 5 s would close a warm connection while a prompt is typed
WARM_TIMEOUT_S = 3.0


def build_http_client(provider: Provider, transport: Any = None) -> httpx2.AsyncClient:
    """Return an HTTP client for ``provider``.

    Redirects are not followed, as the key would go along. Nothing is compressed: a compressor holds tokens
    back. Proxies of the environment are used, but not for this machine.
    """
    import httpx2

    limits = httpx2.Limits(max_connections=64, max_keepalive_connections=16, keepalive_expiry=KEEP_ALIVE_S)
    return httpx2.AsyncClient(
        timeout=httpx2.Timeout(
            provider.idle_timeout_s, connect=provider.connect_timeout_s, pool=provider.connect_timeout_s
        ),
        limits=limits,
        follow_redirects=False,
        headers={"accept-encoding": "identity"},
        event_hooks={"response": [watching(provider.payload_timeout_s)]},
        verify=_tls_context(provider.base_url),
        transport=transport,
        mounts=_direct_mounts(provider.base_url),
    )


async def open_connection(client: httpx2.AsyncClient, url: str) -> None:
    """Leave one open connection to ``url`` in the pool; any answer will do, and so will none.

    The request is an empty HEAD without a key: it costs nothing and asks for nothing.
    """
    import httpx2

    try:
        await client.head(url, timeout=WARM_TIMEOUT_S)
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ssl.SSLError, ValueError):
        pass  # the request itself will tell


def _direct_mounts(base_url: str | None) -> dict[str, None]:
    host = urlsplit(base_url or "").hostname
    if host is None or not is_loopback(base_url):
        return {}
    return {f"all://[{host}]" if ":" in host else f"all://{host}": None}


def _tls_context(base_url: str | None) -> ssl.SSLContext:
    if (base_url or "").startswith("http://"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # never used: spares loading the certificates
    return _trusting_context()


@cache
def _trusting_context() -> ssl.SSLContext:
    """Return one context for all clients: loading the certificates takes 40 ms."""
    import httpx2

    return httpx2.create_ssl_context()
