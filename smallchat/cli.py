"""The command line: arguments in, an exit code out. Each command imports what it needs, when it needs it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Collection, Sequence
from importlib import import_module
from pathlib import Path

from smallchat import __version__
from smallchat.commands.common import common_options

OK, FAILED, USAGE, OVER_BUDGET, INTERRUPTED, CLOSED_PIPE = 0, 1, 2, 3, 130, 141

COMMANDS = {
    "ask": "ask one to three models without a screen",
    "route": "say which model a prompt would go to, and why, without asking it",
    "models": "list the models, their prices and limits",
    "config": "show, check or start the configuration",
    "keys": "set and list the keys of providers",
    "sessions": "list, show, search, rename and delete what was said",
    "export": "write a session as Markdown or JSON",
    "spend": "what was spent, and what it would have cost elsewhere",
    "local": "fetch the built-in model, say where it is",
    "completion": "print what bash, zsh or fish needs to complete all this",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started us, as with >&-
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115 - for as long as the process runs
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments in (["--version"], ["-V"]):
        print(f"smallchat {__version__}")
        return OK
    if "_ARGCOMPLETE" in os.environ:
        from smallchat.commands.completion import complete

        complete(build_parser())
    named = [word for word in arguments if word in COMMANDS][:1]
    # Given here, not as the parser's defaults: a command's parser would put those over what came before it.
    defaults = argparse.Namespace(config=None, debug=False, models=None, resume=None, route=None, attach=[])
    return run_guarded(build_parser(named).parse_args(arguments, defaults))


def build_parser(detailed: Collection[str] = tuple(COMMANDS)) -> argparse.ArgumentParser:
    """Return the parser of the command line.

    Args:
        detailed: The commands whose own arguments are needed; the modules of the others are not imported.
    """
    common = common_options()
    parser = argparse.ArgumentParser(
        prog="smallchat",
        description="Compare small language models side by side, with figures you can trust.",
        epilog="Without a command, smallchat opens its compare screen.",
        parents=[common],
    )
    parser.add_argument("-V", "--version", action="version", version=f"smallchat {__version__}")
    parser.add_argument("-m", "--models", metavar="A,B", help="compare these one to three models")
    parser.add_argument(
        "--route", metavar="NAME", help="let this preset choose the model for each prompt; or auto"
    )
    parser.add_argument(
        "--resume",
        nargs="?",
        const="last",
        metavar="SESSION",
        help="go on with a session, or an exported file; the last one without a name",
    )
    parser.add_argument(
        "--image",
        "--file",
        dest="attach",
        type=Path,
        action="append",
        metavar="FILE",
        help="attach this image or text file to the first prompt",
    )
    parser.add_argument(
        "--no-animation",
        action="store_true",
        help="nothing blinks or slides, as screen readers like it",
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for name, help_text in COMMANDS.items():
        command = commands.add_parser(
            name, help=help_text, description=help_text.capitalize() + ".", parents=[common]
        )
        if name in detailed:
            import_module(f"smallchat.commands.{name}").add_arguments(command)
    return parser


def run_guarded(options: argparse.Namespace) -> int:
    """Run the command that ``options`` name; turn what goes wrong into a line for people and an exit code."""
    try:
        code = load_command(options)(options)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has left; Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CLOSED_PIPE
    except Exception as error:
        if options.debug:
            raise
        return report(error)
    return code


def load_command(options: argparse.Namespace) -> Callable[[argparse.Namespace], int]:
    """Import and return the function that carries out ``options``."""
    name = options.command or "compare"
    if options.command and options.attach:
        from smallchat.config.errors import ConfigError

        raise ConfigError(f"--image and --file belong behind the command: smallchat {name} --image FILE")
    run: Callable[[argparse.Namespace], int] = import_module(f"smallchat.commands.{name}").run
    return run


def report(error: Exception) -> int:
    """Print ``error`` to stderr in one or two lines and return the exit code it means."""
    from smallchat.config.errors import ConfigError
    from smallchat.engine.seams import Refused
    from smallchat.safe_text import safe_line, safe_text

    if isinstance(error, Refused):
        print(f"smallchat: {safe_text(str(error))}", file=sys.stderr)
        return OVER_BUDGET
    if isinstance(error, ConfigError):
        print(f"smallchat: {safe_text(str(error))}", file=sys.stderr)
        return USAGE
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        print(f"smallchat: {safe_line(where + error.strerror)}", file=sys.stderr)
        return FAILED
    print(
        f"smallchat: unexpected {type(error).__name__}: {safe_line(str(error))}\n"
        "Run it again with --debug to see where it happened.",
        file=sys.stderr,
    )
    return FAILED
