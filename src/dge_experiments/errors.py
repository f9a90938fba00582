"""What a person gave cannot be used: one line, exit code 2, no traceback."""


class BadInput(ValueError):
    """Bad input, said in one line: what and where (file, column, row or key), the rule, and how to mend it.

    Raised by every room before any work is done; only a door turns it into a line on stderr and exit code 2.
    """
