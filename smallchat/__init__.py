"""Compare small language models side by side in the terminal, and route each prompt to the one that fits."""

__version__ = "0.1.0"
