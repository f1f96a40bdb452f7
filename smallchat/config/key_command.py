"""Keys that a password manager hands out."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping

from smallchat.config.errors import ConfigError, reason
from smallchat.config.keys import BadKey, Secret
from smallchat.safe_text import safe_line

TIME_LIMIT_S = 10.0


def run_key_command(
    command: str, where: str, environ: Mapping[str, str], *, time_limit_s: float = TIME_LIMIT_S
) -> Secret:
    """Run ``command`` without a shell and return the first line of its output as a key.

    Blocks until the command ends. What it prints is never repeated.

    Args:
        command: A program and its arguments, quoted as for a shell.
        where: Where the command is configured, for messages.
        environ: The command's environment.
        time_limit_s: Seconds until the command is ended.

    Raises:
        ConfigError: The command can not be run, fails, takes too long or prints no key.
    """
    try:
        arguments = shlex.split(command)
    except ValueError:
        arguments = []
    if not arguments:
        raise ConfigError(f"{where} is not a command: a program and its arguments, with quotes in pairs.")
    printed, problem = _run(arguments, environ, time_limit_s)
    if problem is None:
        try:
            return Secret(printed.decode("utf-8", "replace").strip().partition("\n")[0])
        except BadKey as error:
            problem = f"printed a key that {error}"
    raise ConfigError(f"{where} ({safe_line(arguments[0], 60)}) {problem}.")


def _run(arguments: list[str], environ: Mapping[str, str], time_limit_s: float) -> tuple[bytes, str | None]:
    """Return what the program printed, and what went wrong. Exceptions stay here: they carry the output."""
    try:
        done = subprocess.run(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(environ),
            timeout=time_limit_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return b"", f"gave no key within {time_limit_s:g} s"
    except FileNotFoundError:
        return b"", "was not found"
    except OSError as error:
        return b"", f"could not be run: {reason(error)}"
    except ValueError:
        return b"", "could not be run"
    if done.returncode != 0:
        return b"", f"failed with exit code {done.returncode}; run it in a terminal to see why"
    if not done.stdout.strip():
        return b"", "printed nothing"
    return done.stdout, None
