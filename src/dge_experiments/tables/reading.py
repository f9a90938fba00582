"""How a file is read: the caller's options."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from dge_experiments.errors import BadInput
from dge_experiments.tables.headers.dialect import DIALECTS

MISSING = ("drop", "error", "keep")


@dataclass(frozen=True)
class Reading:
    """Reading options, the same for every table that a run reads.

    Attributes
    ----------
    columns : role -> header, for columns that are not recognised: ``id effect mean statistic p adjusted_p se log_odds
        group``, ``direction`` (a column that says up or down, the sign of absolute effects); and ``effect_scale`` ->
        ``log2``, ``ln``, ``log10`` or ``linear``
    dialect : name of the dialect to use; default is the one that recognises most headers
    sheet : sheet of a workbook; default is the first that holds a table
    contrast : of several contrasts side by side, the one to read, by the words that its columns share
    group : keep the rows of this group of a long table; default is all groups
    missing : what happens to rows without a finite number in every recognised column: ``drop``, ``error``, or
        ``keep`` (every row is in the frame with its id unchanged, text in a numeric column as NaN: for scoring a table
        where every row needs an answer)
    encoding : Python's name of the text encoding; default is found from the bytes
    dialects : folders of dialect files (YAML); a dialect of a later folder replaces one of the same name
    derive : add ``t = logFC / SE`` where there is no statistic
    keep : headers of other columns to keep as text, in ``Table.extra``
    own : headers of other columns to add to the frame as numbers, under their own names; columns of the file ``join``
        come from there
    join : a second file with a column of gene ids, and columns of ``own``
    ids : ``as_is``, or the kind that ids are translated to: ``symbol``, ``ensembl`` or ``entrez``
    ids_from : a table with a column of the file's ids and one of that kind (see `ids`)
    ignore : codes of findings that are not reported
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    dialect: str | None = None
    sheet: str | None = None
    contrast: str | None = None
    group: str | None = None
    missing: Literal["drop", "error", "keep"] = "drop"
    encoding: str | None = None
    dialects: Sequence[Path] = DIALECTS
    derive: bool = False
    keep: Sequence[str] = ()
    own: Sequence[str] = ()
    join: str | Path | None = None
    ids: str = "as_is"
    ids_from: str | None = None
    ignore: Sequence[str] = ()

    def __post_init__(self) -> None:
        if self.missing not in MISSING:
            raise BadInput(f"data.missing={self.missing}: must be {', '.join(MISSING[:-1])} or {MISSING[-1]}")
