"""Input that cannot be used: one line, exit code 2, no traceback."""

import errno
import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")  # C0, C1, and marks of text direction
PASSWORD = re.compile(r"://[^/?#\s:@]*:[^\s@]*@|https?://[^/?#\s]*@|databricks://[^/\s:]*:\S", re.IGNORECASE)
USER = re.compile(r"(?<=://)[^/?#\s]*@|(?<=databricks://)[^/\s:]*:\S+")
QUERY = re.compile(
    r"([?&;][\w.-]*(?:token|passw|pwd|secret|key|sig|auth|cred)[\w.-]*=)[^&;\s'\"]+", re.IGNORECASE
)

SYSTEM = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
    errno.EMFILE,
    errno.EIO,
}
STORE = re.compile(
    r"disk is full|disk I/O error|readonly database|unable to open database|No space left", re.IGNORECASE
)


class BadInput(ValueError):
    """Bad input, explained in one line: what and where (file, column, row or key), the rule, and the fix.

    Raised where a file or the configuration is interpreted; only a command turns it into a line on stderr and exit
    code 2.
    """


def nearest(word: str, known: Iterable[str]) -> str:
    """``", did you mean X?"`` if a known word is similar, else an empty text."""
    close = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f", did you mean {close[0]}?" if close else ""


def suggestion(word: str, known: Iterable[str]) -> str:
    """``did you mean X?`` if a known word is similar, else ``there are A, B``."""
    words = list(known)
    return nearest(word, words).removeprefix(", ") or f"there are {', '.join(words)}"


def has_password(text: str) -> bool:
    """Whether an address in the text holds a password, or a token in its query."""
    return bool(PASSWORD.search(text) or ("://" in text and QUERY.search(text)))


def without_password(text: str) -> str:
    """A text that is safe to print or log: the addresses in it without user, password and tokens."""
    return QUERY.sub(r"\1***", USER.sub("***@", text))


def first_line(error: BaseException, length: int = 160) -> str:
    """The first line of an error's message, or its type without a message; at most ``length`` characters."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:length]


def listed(words: Sequence[str]) -> str:
    """The words as a list in a sentence: ``a``, ``a and b``, ``a, b and c``."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def escaped(text: str, keep: str = "") -> str:
    """The text with its control characters escaped, such as ``\\x1b``, except those to ``keep``."""

    def as_escape(match: re.Match[str]) -> str:
        return match[0] if match[0] in keep else match[0].encode("unicode_escape").decode()

    return CONTROL.sub(as_escape, text)


def printable(value: object, length: int = 200) -> str:
    """A value to show in a line: control characters escaped, cut after ``length`` characters."""
    text = escaped(str(value))
    return text if len(text) <= length else f"{text[:length]}..."


def system_fault(error: BaseException | None) -> str | None:
    """One line if an error means that this machine cannot write (disk full, no permission), else None.

    The causes of the error are examined, too: a store wraps the errors of its database.
    """
    visited: set[int] = set()
    while error is not None and id(error) not in visited:
        visited.add(id(error))
        if isinstance(error, OSError) and error.errno in SYSTEM:
            where = f"{error.filename}: " if error.filename else ""
            return f"{where}{error.strerror}; what was written stays, continue with resume=true when it is mended"
        if match := STORE.search(str(error)):
            return f"the store cannot be written ({match[0]}); continue with resume=true when it is mended"
        error = error.__cause__ or error.__context__
    return None
