"""The exception that reports a user's mistake, and helpers for its message."""

LONGEST = 1500  # characters of a message; nobody reads a header of ten thousand columns


class UserError(Exception):
    """A mistake that the user can correct. The message says where it is, what was expected, what was found, what to do.

    Stages and the Snakefile print it without a traceback and exit with code 1. It is always a single line: control
    characters are escaped, and the middle of a long message is cut.
    """

    def __init__(self, message: str):
        super().__init__(one_line(message))


def counted(number: int, noun: str) -> str:
    """A number with its noun, such as '1 row' or '2 rows'."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def one_line(text: str) -> str:
    """The text with other than printable characters escaped (\\n, \\x1b, ...), cut to about LONGEST characters."""
    shown = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 405]} ... {shown[-400:]}"
