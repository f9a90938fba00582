"""Load the columns of an opened file as numbers and text, without the empty rows and remarks at its end."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from dge_experiments.errors import BadInput
from dge_experiments.tables import fingerprint
from dge_experiments.tables.checks.identifiers import NO_ID
from dge_experiments.tables.files.layout import Layout, Source
from dge_experiments.tables.files.numbers import Floats, parse
from dge_experiments.tables.fingerprint import Hashes
from dge_experiments.tables.headers.columns import PROBABILITIES, TEXTS
from dge_experiments.tables.headers.detected import Detected

Lines = range | np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Body:
    """The rows of a table, column by column.

    Attributes
    ----------
    numbers : position -> float64, missing as NaN
    texts : position -> str, missing as ""
    keys : a number for each id, or None without ids
    repeated : which ids are also in an earlier row; None if none are
    lines : line of the file for each row
    notations : header -> unusual notation of its numbers -> cells, as in `Numbers`
    footnotes : lines of the file that are no rows
    """

    numbers: Mapping[int, Floats]
    texts: "Mapping[int, pd.Series[Any]]"
    keys: Hashes | None
    repeated: "np.ndarray[Any, np.dtype[np.bool_]] | None"
    lines: Lines
    notations: Mapping[str, Mapping[str, int]]
    footnotes: Sequence[str]

    def __len__(self) -> int:
        return len(self.lines)

    def first(self, count: int) -> "Body":
        """Its first rows."""
        keys = None if self.keys is None else self.keys[:count]
        return replace(
            self,
            numbers={i: v[:count] for i, v in self.numbers.items()},
            texts={i: t.iloc[:count] for i, t in self.texts.items()},
            keys=keys,
            repeated=None if keys is None else fingerprint.repeated(keys),
            lines=self.lines[:count],
        )

    def rows(self, mask: "np.ndarray[Any, np.dtype[np.bool_]]") -> "Body":
        """The rows where ``mask`` is true."""
        keys = None if self.keys is None else self.keys[mask]
        return replace(
            self,
            numbers={i: v[mask] for i, v in self.numbers.items()},
            texts={i: t[mask].reset_index(drop=True) for i, t in self.texts.items()},
            keys=keys,
            repeated=None if keys is None else fingerprint.repeated(keys),
            lines=np.asarray(self.lines)[mask],
        )


def load(
    source: Source, detected: Detected, keep: Sequence[int], own_columns: Sequence[int], lenient: bool
) -> Body:
    """Load the columns with a role, those to ``keep`` as text, and the user's ``own_columns`` as numbers; meanwhile ids
    are hashed.

    ``lenient``: text in a numeric column counts as missing.

    Raises
    ------
    BadInput
        text in a numeric column, or the file cannot be read to its end
    """
    layout, roles = source.layout, detected.columns
    texts = {i for role, i in roles.items() if role in TEXTS} | set(keep)
    numeric = {i for role, i in roles.items() if role not in TEXTS} | {
        i for i in own_columns if i not in texts
    }
    chances = {i for role, i in roles.items() if role in PROBABILITIES}
    loaded = source.load(sorted(numeric), sorted(texts))
    numbers: dict[int, Floats] = {}
    notations: dict[str, Mapping[str, int]] = {}
    with ThreadPoolExecutor(1) as pool:
        hashed = pool.submit(_hashed, loaded.texts.get(roles.get("id", -1)))
        for i, cells in loaded.numbers:
            if isinstance(cells, np.ndarray):
                numbers[i] = cells
            else:
                numbers[i], notation = _parsed(layout, i, cells, i in chances, lenient)
                notations |= {layout.headers[i]: notation} if notation else {}
        for i in texts.intersection(own_columns):
            numbers[i], _ = _parsed(layout, i, loaded.texts[i], False, lenient)
        keys, repeated = hashed.result()
    count = len(next(iter(numbers.values())))
    lines = range(layout.first_line, layout.first_line + count)
    return Body(numbers, loaded.texts, keys, repeated, lines, notations, tuple(loaded.footnotes))


def trim(body: Body, remarks: bool) -> Body:
    """The body without the rows at its end that are empty, as Excel writes them, or hold a remark and no number.

    ``remarks``: whether rows with a single cell of several words count as remarks.
    """
    count, end = len(body), len(body)
    footnotes = []
    while body.texts and end and all(np.isnan(values[end - 1]) for values in body.numbers.values()):
        cells = {cell for texts in body.texts.values() if (cell := str(texts.iloc[end - 1]).strip())}
        if len(cells) > remarks or any(" " not in cell for cell in cells):
            break
        footnotes += list(cells)
        end -= 1
    if end in (0, count):
        return body
    return replace(body.first(end), footnotes=(*body.footnotes, *reversed(footnotes)))


def ids_repeat(body: Body, position: int) -> bool:
    """Whether an id that is not missing is in several rows."""
    if body.repeated is None:
        return False
    return not bool(body.texts[position][body.repeated].str.strip().isin(NO_ID).all())


def _hashed(
    ids: "pd.Series[Any] | None",
) -> "tuple[Hashes | None, np.ndarray[Any, np.dtype[np.bool_]] | None]":
    if ids is None:
        return None, None
    keys = fingerprint.hashes(ids)
    return keys, fingerprint.repeated(keys)


def _parsed(
    layout: Layout, i: int, cells: "pd.Series[Any]", probability: bool, lenient: bool
) -> tuple[Floats, Mapping[str, int]]:
    parsed = parse(cells, layout.decimal, probability)
    where = np.flatnonzero(parsed.bad)
    if len(where) and not lenient:
        cell = str(cells.iloc[where[0]])[:40]
        raise BadInput(
            f"{layout.file}: column {layout.headers[i]!r}, line {where[0] + layout.first_line}: {cell!r} is not "
            f"a number ({len(where)} such rows); correct or remove them"
        )
    return parsed.values, parsed.notations
