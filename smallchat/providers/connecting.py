"""Why there is no connection, in plain words: the SDKs say "Connection error." and hide the reason."""

from __future__ import annotations

import errno
import socket
import ssl

from smallchat.config.provider import is_loopback
from smallchat.metering.events import Failure
from smallchat.providers.base import ProviderError
from smallchat.providers.origin import Origin, causes, class_names

_REASONS = {
    errno.ECONNREFUSED: "nothing listens there (connection refused)",
    errno.ENETUNREACH: "the network is unreachable",
    errno.EHOSTUNREACH: "the host is unreachable",
    errno.ETIMEDOUT: "it does not answer",
}


def explain_connection(error: BaseException, origin: Origin) -> ProviderError | None:
    """Return the failure when ``error`` is one of the network, else ``None``."""
    chain = list(causes(error))
    names: set[str] = set().union(*map(class_names, chain))
    if "ConnectTimeout" in names:
        limit = origin.provider.connect_timeout_s
        message = f"{origin.name}: no connection to {origin.address} within {limit:g} s."
        return _failed("timeout", message, _hint(origin))
    if "PoolTimeout" in names:
        return _failed("connection", f"{origin.name}: too many requests at once.", "Wait for one to end.")
    if not names & {"TransportError", "APIConnectionError", "SSLError", "OSError", "EndOfStream"}:
        return None
    for cause in chain:
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLWantReadError):
            return _explain_tls(cause, origin)
    for cause in chain:
        if isinstance(cause, socket.gaierror):
            message = f"{origin.name}: there is no host {origin.address} (its name is not known)."
            return _failed("connection", message, _hint(origin))
        if isinstance(cause, OSError) and cause.errno in _REASONS:
            message = f"{origin.name}: can not connect to {origin.address}: {_REASONS[cause.errno]}."
            return _failed("connection", message, _hint(origin))
    if "ConnectError" in names:
        return _failed("connection", f"{origin.name}: can not connect to {origin.address}.", _hint(origin))
    if "ProxyError" in names:
        message = f"{origin.name}: the proxy refuses: {origin.clean(str(error.__cause__ or error))}"
        return _failed("connection", message, "Check HTTPS_PROXY and NO_PROXY.")
    if "UnsupportedProtocol" in names:
        return _failed(
            "connection", f"{origin.name}: {origin.url} is no web address.", _hint(origin), retry=False
        )
    message = f"{origin.name}: {origin.address} closed the connection."
    return _failed("connection", message, "What arrived before is kept. Try again.")


def _explain_tls(error: ssl.SSLError, origin: Origin) -> ProviderError:
    if isinstance(error, ssl.SSLCertVerificationError):
        message = f"{origin.name}: {origin.address} has no certificate to trust: {_reason(error)}."
        hint = "Behind a company's proxy, let SSL_CERT_FILE name its certificate; else check base_url."
    else:
        message = f"{origin.name}: no secure connection to {origin.address}: {_reason(error)}."
        hint = "Check base_url: does the server speak http instead of https?"
    return _failed("tls", origin.clean(message), hint, retry=False)


def _reason(error: ssl.SSLError) -> str:
    return str(getattr(error, "verify_message", "") or getattr(error, "reason", "") or "TLS failed")


def _failed(kind: str, message: str, hint: str, *, retry: bool = True) -> ProviderError:
    return ProviderError(Failure(kind, message, hint), retryable=retry)  # type: ignore[arg-type]


def _hint(origin: Origin) -> str:
    if is_loopback(origin.provider.base_url):
        return f"Is the server running? Its address is base_url of [providers.{origin.name}]."
    return f"Check the network, and base_url of [providers.{origin.name}]."
