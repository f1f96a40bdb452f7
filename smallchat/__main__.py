"""``python -m smallchat`` is the command ``smallchat``."""

import sys

from smallchat.cli import main

if __name__ == "__main__":
    sys.exit(main())
