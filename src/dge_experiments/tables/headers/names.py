"""Header names: which names count as the same, and which headers of a file match a dialect's name."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

PREFIXES = ("re:", "raw:")
UNLESS = " unless "


@lru_cache(maxsize=65536)
def words(header: str) -> str:
    """A header in lower case with ``_`` for every run of punctuation; the minus of a log is ``neg_``."""
    text = unicodedata.normalize("NFKC", header).strip().lower().replace("−", "-")
    minus = "neg_" if re.match(r"-\s*(log|lg)", text) else ""
    return minus + re.sub(r"[\W_]+", "_", text).strip("_")


class Headers:
    """The headers of a file, indexed by name.

    A name matches a header regardless of case and punctuation. ``re:PATTERN`` is a regular expression for the whole
    header in the form of `words`, ``raw:PATTERN`` one for the unchanged header, regardless of case; ``unless
    PATTERN`` after either makes an exception. Patterns are RE2's, so that matching takes linear time for any pattern.
    """

    def __init__(self, headers: Sequence[str]) -> None:
        self._exact: dict[str, list[int]] = defaultdict(list)
        self._alike: dict[str, list[int]] = defaultdict(list)
        for i, header in enumerate(headers):
            self._exact[header].append(i)
            self._alike[_key(header)].append(i)
        self._words = pa.array([words(header) for header in headers], pa.string())
        self._raw = pa.array(list(headers), pa.string())
        self._found: dict[str, list[int]] = {}

    def meant_by(self, name: str) -> list[int]:
        """Positions of the headers that match a name, in order."""
        if name not in self._found:
            if name.startswith(PREFIXES):
                self._found[name] = self._matching(name)
            else:
                key = _key(name)
                self._found[name] = self._alike.get(key, []) if key else self._exact.get(name, [])
        return self._found[name]

    def _matching(self, name: str) -> list[int]:
        kind, _, rest = name.partition(":")
        pattern, _, exception = rest.partition(UNLESS)
        column = self._words if kind == "re" else self._raw
        mask = _full(column, pattern, kind)
        if exception:
            mask &= ~_full(column, exception, kind)
        return [int(i) for i in np.flatnonzero(mask)]


def matches(name: str, header: str) -> bool:
    """Whether a name matches this header."""
    return bool(Headers((header,)).meant_by(name))


def compile_error(name: str) -> str | None:
    """What is wrong with the regular expression of a name; None if it is valid, or the name is none."""
    if not name.startswith(PREFIXES):
        return None
    try:
        Headers(("",)).meant_by(name)
    except pa.ArrowInvalid as error:
        return str(error).removeprefix("Invalid regular expression: ")
    return None


def _key(name: str) -> str:
    return words(name).replace("_", "")


def _full(column: pa.Array, pattern: str, kind: str) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    flags = "(?i)" if kind == "raw" else ""
    mask = pc.match_substring_regex(column, rf"{flags}\A(?:{pattern})\z")
    return np.array(mask.to_numpy(zero_copy_only=False), dtype=bool)
