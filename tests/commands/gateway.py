"""A configuration of two providers at one test server: ``gateway`` and ``claude``, a wire each."""

from __future__ import annotations

from pathlib import Path

from tests.servers.sse import SSEServer

KEY = "sk-canary-5d41402abc"


def write_config(folder: Path, server: SSEServer, tables: str) -> Path:
    """Return the file with both providers, their key, and ``tables``."""
    path = folder / "config.toml"
    path.write_text(
        f'[providers.gateway]\nbase_url = "{server.openai_url}"\napi_key = "{KEY}"\n'
        f'[providers.claude]\nbase_url = "{server.anthropic_url}"\napi_key = "{KEY}"\nwire = "anthropic"\n'
        f"{tables}",
        encoding="utf-8",
    )
    path.chmod(0o600)
    return path
