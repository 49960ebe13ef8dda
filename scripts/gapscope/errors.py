"""The one way in which a user's mistake is reported."""


class UserError(Exception):
    """A mistake that the user can mend: one message, naming file or key, what was expected, what came, what to do.

    Stages and the Snakefile print it without a traceback and exit with code 1.
    """
