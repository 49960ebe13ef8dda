"""The exception that reports a user's mistake, and helpers for its message."""

LONGEST = 1500  # characters of a message; a header of ten thousand columns is not read anyway


class UserError(Exception):
    """A mistake that the user can mend: one message, naming file or key, what was expected, what came, what to do.

    Stages and the Snakefile print it without a traceback and exit with code 1. It is one line whatever the names and
    cells in it hold: control characters are shown escaped, and the middle of a message that is too long is left out.
    """

    def __init__(self, message: str):
        super().__init__(one_line(message))


def counted(number: int, noun: str) -> str:
    """The number and its noun: '1 row', '2 rows'."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def one_line(text: str) -> str:
    """Printable characters as they are, others as \\n, \\x1b, \\udcff, ...; at most LONGEST of them."""
    shown = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 405]} ... {shown[-400:]}"
