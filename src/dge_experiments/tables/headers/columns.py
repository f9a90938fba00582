"""The columns of an opened file as detection sees them: headers, and the values in the sample."""

import re
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from dge_experiments.tables.files.numbers import MISSING, Floats, parse
from dge_experiments.tables.files.source import Facts
from dge_experiments.tables.headers.dialect import matches, words

PROBABILITIES = ("p", "adjusted_p")
LETTERS = {"statistic": ("t", "z", "f"), "log_odds": ("b",), "mean": ("a",)}  # or names of samples and groups
TRUSTED = {"B": {"t", "AveExpr"}, "F": {"AveExpr", "logCPM"}}  # beside these it is no name of a group
CHANCE = r"(.*_)?(p|q|fdr|padj|[pq]_?val(ue)?s?|adj_p)(_.*)?"


class Columns:
    """Headers and sample of a file, by column position; numbers are parsed once."""

    def __init__(self, facts: Facts) -> None:
        self.headers = facts.headers
        self._sample = facts.sample
        self._decimal = facts.decimal
        self._numbers = lru_cache(maxsize=None)(self._parse)

    def __len__(self) -> int:
        return len(self.headers)

    def text(self, i: int) -> "pd.Series[Any]":
        """The sample's cells, stripped."""
        return self._sample[i].fillna("").astype(str).str.strip()

    def values(self, i: int) -> Floats:
        """The sample's finite numbers."""
        values, _ = self._numbers(i)
        return values[np.isfinite(values)]

    def pairs(self, i: int, j: int) -> tuple[Floats, Floats]:
        """The sample's numbers of two columns where both are finite."""
        (a, _), (b, _) = self._numbers(i), self._numbers(j)
        both = np.isfinite(a) & np.isfinite(b)
        return a[both], b[both]

    def numeric(self, i: int) -> bool:
        """Whether at least half of the cells that are not missing are numbers (also: all missing)."""
        _, share = self._numbers(i)
        return share <= 0.5

    def same(self, i: int, j: int) -> bool:
        """Whether two columns hold the same cells."""
        return bool((self.text(i) == self.text(j)).all())

    def fits(self, i: int, role: str) -> bool:
        """Whether the values can play a role."""
        if role in ("id", "group"):
            return True
        if not self.numeric(i):
            return False
        if role in LETTERS and words(self.headers[i]) in LETTERS[role] and not self._follows_p(i):
            return False
        values = self.values(i)
        if role in PROBABILITIES and len(values):
            flag = len(values) > 10 and bool(np.isin(values, (0.0, 1.0)).all()) and len(np.unique(values)) > 1
            top = 100 if percent(self.headers[i]) else 1
            return bool(np.mean((values >= 0) & (values <= top)) >= 0.5) and not flag
        return True

    def find(self, names: tuple[str, ...], role: str, taken: frozenset[int] = frozenset()) -> list[int]:
        """Columns that the first matching name means and whose values fit: one, or several as good.

        Those of a model's intercept are never meant.

        A header equal to the name to the letter beats those equal but for case and punctuation; the first of
        columns with the same cells stands for them.
        """
        for name in names:
            hits = self.named((name,), role, taken)
            if not hits:
                continue
            exact = [i for i in hits if self.headers[i] == name]
            hits = exact or hits
            return [hits[0], *(i for i in hits[1:] if not self.same(hits[0], i))]
        return []

    def named(self, names: tuple[str, ...], role: str, taken: frozenset[int] = frozenset()) -> list[int]:
        """All columns that one of the names means and whose values fit."""
        return [
            i
            for i, header in enumerate(self.headers)
            if i not in taken
            and (header or i == 0)
            and "intercept" not in header.lower()
            and any(matches(name, header) for name in names)
            and self.fits(i, role)
        ]

    def identifier(self, names: tuple[str, ...], taken: frozenset[int]) -> int | None:
        """The column of gene ids: named so, no row numbers, no measurements; else a first column of text.

        Integers under a name that only says "row" are row numbers if any other column can be the id.
        """
        spare = None
        for name in names:
            for i in self.find((name,), "id", taken):
                if self._counts(i) or self._measures(i):
                    continue
                if self.numeric(i) and matches_row(self.headers[i]):
                    spare = i if spare is None else spare
                    continue
                return i
        if spare is None and len(self) and 0 not in taken and not self.numeric(0):
            distinct = self.text(0).nunique() / max(1, len(self._sample))
            return 0 if distinct > 0.5 else None
        return spare

    def levels(self, i: int) -> int:
        """Number of distinct values in the sample, missing ones apart."""
        cells = self.text(i)
        return int(cells[~cells.isin(MISSING)].nunique())

    def _parse(self, i: int) -> tuple[Floats, float]:
        values, bad = parse(self._sample[i], self._decimal)
        present = bad.sum() + np.isfinite(values).sum() + np.isinf(values).sum()
        return values, float(bad.sum() / present) if present else 0.0

    def _counts(self, i: int) -> bool:
        """Whether the cells are 1, 2, 3, ... or 0, 1, 2, ..."""
        values, _ = self._numbers(i)
        return len(values) > 1 and values[0] in (0, 1) and bool((np.diff(values) == 1).all())

    def _follows_p(self, i: int) -> bool:
        """Whether a column named by one letter goes with the p values: |t|, F and B fall where p rises.

        ``A`` does unless there is a ``B`` that does not: then they are two groups. Without ten values to judge
        by, it does.
        """
        header, beside = self.headers[i], set(self.headers)
        if header in ("t", "z") or ("M" not in beside and TRUSTED.get(header, set()) & beside):
            return True
        if words(self.headers[i]) == "a":
            return all(self._follows_p(j) for j, header in enumerate(self.headers) if words(header) == "b")
        chances = (
            j for j, h in enumerate(self.headers) if re.fullmatch(CHANCE, words(h)) and self.fits(j, "p")
        )
        p = next(chances, None)
        if p is None or not self.numeric(i):
            return True
        value, chance = self.pairs(i, p)
        value = value if words(self.headers[i]) == "b" else np.abs(value)
        if len(value) < 10 or np.ptp(value) == 0 or np.ptp(chance) == 0:
            return True
        return bool(pd.Series(value).rank().corr(pd.Series(chance).rank()) < -0.5)

    def _measures(self, i: int) -> bool:
        """Whether the cells are fractional numbers (or all missing): no ids."""
        if not self.numeric(i):
            return False
        values = self.values(i)
        return bool((values != np.round(values)).any()) or not len(values)


def percent(header: str) -> bool:
    """Whether a header says that its probabilities are percentages, as ``q-value(%)`` does."""
    return re.search(r"(^|[^\d\s])\s*%[)\]]?$", header) is not None


def matches_row(header: str) -> bool:
    """Whether a header says no more than "row": it may stand over row numbers."""
    names = ("", "Unnamed: 0", "...1", "X", "rn", "Row.names", "rowname", "rownames", "index")
    return any(matches(name, header) for name in names)
