"""The columns of an opened file for detection: headers, and the values in the sample."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from dge_experiments.tables.files.layout import Layout
from dge_experiments.tables.files.numbers import MISSING, Floats, Numbers, parse
from dge_experiments.tables.headers.dialect import LOGS
from dge_experiments.tables.headers.names import Headers, words
from dge_experiments.tables.units import is_absolute, percent

PROBABILITIES = ("p", "adjusted_p")
TEXTS = ("id", "group", "direction")
LETTERS = {"statistic": ("t", "z", "f"), "log_odds": ("b",), "mean": ("a",)}  # or names of samples and groups
TRUSTED = {
    "B": {"t", "AveExpr"},
    "F": {"AveExpr", "logCPM"},
}  # next to one of these it is a statistic, not a group
CHANCE = "re:(.*_)?(p|q|fdr|padj|[pq]_?val(ue)?s?|adj_p)(_.*)?"
ENOUGH = 10  # with fewer values nothing is concluded from them
FOLLOWS = -0.5  # Spearman's correlation with p at most: a statistic's size falls as p rises


class Columns:
    """Headers and sample of a file, by column position; numbers are parsed once."""

    def __init__(self, layout: Layout) -> None:
        self.headers = layout.headers
        self.index = Headers(layout.headers)
        self._sample = layout.sample
        self._decimal = layout.decimal
        self._numbers = lru_cache(maxsize=None)(self._parse)
        self._text = lru_cache(maxsize=None)(self._strip)
        self.same = lru_cache(maxsize=None)(self._same)

    def __len__(self) -> int:
        return len(self.headers)

    @property
    def rows(self) -> int:
        """Rows of the sample."""
        return len(self._sample)

    def text(self, i: int) -> "pd.Series[Any]":
        """The sample's cells, stripped."""
        return self._text(i)

    def present(self, i: int) -> "pd.Series[Any]":
        """The sample's cells that are not missing, stripped."""
        cells = self.text(i)
        return cells[~cells.isin(MISSING)]

    def values(self, i: int) -> Floats:
        """The sample's finite numbers."""
        values = self._numbers(i).values
        return values[np.isfinite(values)]

    def pairs(self, i: int, j: int) -> tuple[Floats, Floats]:
        """The sample's numbers of two columns where both are finite."""
        a, b = self._numbers(i).values, self._numbers(j).values
        finite = np.isfinite(a) & np.isfinite(b)
        return a[finite], b[finite]

    def numeric(self, i: int) -> bool:
        """Whether at least half of the cells that are not missing are numbers (also: all missing)."""
        numbers = self._numbers(i)
        bad = numbers.bad.sum()
        return bool(bad <= (bad + (~np.isnan(numbers.values)).sum()) / 2)

    def no_number(self, i: int) -> str | None:
        """The first cell that is neither a number nor missing."""
        bad = self._numbers(i).bad
        return str(self.text(i).iloc[int(bad.argmax())]) if bad.any() else None

    def _same(self, i: int, j: int) -> bool:
        """Whether two columns hold the same cells."""
        return bool((self.text(i) == self.text(j)).all())

    def fits(self, i: int, role: str) -> bool:
        """Whether the values can play a role."""
        if role in TEXTS:
            return True
        if not self.numeric(i):
            return False
        if role in LETTERS and words(self.headers[i]) in LETTERS[role] and not self._letter_follows_p(i):
            return False
        values = self.values(i)
        if role in LOGS:
            return not len(values) or bool((values >= 0).all() or (values <= 0).all())
        if role in PROBABILITIES and len(values):
            flag = len(values) > ENOUGH and bool(np.isin(values, (0.0, 1.0)).all()) and np.ptp(values) > 0
            top = 100 if percent(self.headers[i]) else 1
            return bool(np.mean((values >= 0) & (values <= top)) >= 0.5) and not flag
        return True

    def find(self, names: Sequence[str], role: str, assigned: frozenset[int] = frozenset()) -> list[int]:
        """Columns that match the first name with a match, and whose values fit: one, or several equally good.

        A header that is exactly the name beats those that differ in case and punctuation, and a signed effect beats
        its absolute value; of columns with the same cells only the first counts.
        """
        for name in names:
            hits = self.named((name,), role, assigned)
            if not hits:
                continue
            hits = [i for i in hits if self.headers[i] == name] or hits
            if role == "effect":
                hits = [i for i in hits if not is_absolute(self.headers[i])] or hits
            return [hits[0], *(i for i in hits[1:] if not self.same(hits[0], i))]
        return []

    def named(self, names: Sequence[str], role: str, assigned: frozenset[int] = frozenset()) -> list[int]:
        """All columns that match one of the names and whose values fit; never those of a model's intercept."""
        return [i for i in self.called(names) if i not in assigned and self.fits(i, role)]

    def called(self, names: Sequence[str]) -> list[int]:
        """All columns that match one of the names, whatever their values, in file order."""
        meant = sorted({i for name in names for i in self.index.meant_by(name)})
        headers = self.headers
        return [i for i in meant if (headers[i] or i == 0) and "intercept" not in headers[i].lower()]

    def levels(self, i: int) -> int:
        """Number of distinct values in the sample, without missing ones."""
        return int(self.present(i).nunique())

    def follows(self, i: int, p: int, size: bool = True) -> bool:
        """Whether the values (their size) fall as p rises, as a statistic's do; True with too few values."""
        value, chance = self.pairs(i, p)
        value = np.abs(value) if size else value
        if len(value) < ENOUGH or np.ptp(value) == 0 or np.ptp(chance) == 0:
            return True
        return bool(pd.Series(value).rank().corr(pd.Series(chance).rank()) < FOLLOWS)

    def _strip(self, i: int) -> "pd.Series[Any]":
        return self._sample[i].fillna("").astype(str).str.strip()

    def _parse(self, i: int) -> Numbers:
        return parse(self._sample[i], self._decimal, probability=True)

    def _letter_follows_p(self, i: int) -> bool:
        """Whether a column named by one letter follows the p values: |t|, F and B fall as p rises.

        ``A`` counts as following unless there is a ``B`` that does not follow: then they are two groups.
        """
        header, headers = self.headers[i], set(self.headers)
        if header in ("t", "z") or ("M" not in headers and TRUSTED.get(header, set()) & headers):
            return True
        if words(header) == "a":
            return all(
                self._letter_follows_p(j) for j, other in enumerate(self.headers) if words(other) == "b"
            )
        p = next((j for j in self.index.meant_by(CHANCE) if self.fits(j, "p")), None)
        return p is None or not self.numeric(i) or self.follows(i, p, size=words(header) != "b")
