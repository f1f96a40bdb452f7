import subprocess
import sys

HEAVY = {"pydantic", "genai_prices", "tiktoken", "httpx2"}


def test_importing_the_catalog_is_cheap() -> None:
    modules = "smallchat.catalog.catalog, smallchat.catalog.prices, smallchat.catalog.tokens"
    script = f"import sys, {modules}; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert HEAVY.isdisjoint(run.stdout.split())
