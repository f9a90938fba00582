"""Score the genes of a new table with a fitted model, chunk by chunk; every row gets an answer or a reason."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dge_experiments.errors import BadInput
from dge_experiments.prediction.decision import Bounds
from dge_experiments.search.prediction import predict
from dge_experiments.tables import CANONICAL, Table

GENE = ("gene", "group")
UNSIGNED = {"F", "LR", "stat"}
ROLE_OF = {
    "effect": "logFC", "mean": "AveExpr", "statistic": "t", "p": "P.Value", "adjusted_p": "adj.P.Val",
    "log_odds": "B", "se": "SE",
}  # fmt: skip


@dataclass(frozen=True)
class Scorer:
    """A loaded model, and what it was trained on.

    Attributes
    ----------
    uri : where it came from, with the version where it is registered
    pipeline : the fitted classifier; class codes out
    features : the columns it needs, in the order of its training table
    classes : what the codes mean
    ranges : feature -> smallest and largest value it was trained on; empty where the model has none stored
    metadata : everything else that is stored with the model (``leak``, ``target``, ``rule``)
    """

    uri: str
    pipeline: Any
    features: tuple[str, ...]
    classes: tuple[str, ...]
    ranges: Mapping[str, tuple[float, float]]
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def rate(self) -> float | None:
        """Share of the second of two classes among the training genes; None where it is not stored."""
        rates = self.metadata.get("rates", ())
        return float(rates[1]) if len(rates) == 2 else None

    @property
    def extra(self) -> tuple[str, ...]:
        """Features that are not statistics of a DGE table: the user's own columns."""
        return tuple(name for name in self.features if name not in CANONICAL)

    @property
    def bounds(self) -> Bounds | None:
        """What became of held-out genes by their probability; None unless the target was replication."""
        return Bounds.of(self.metadata["decision"]) if "decision" in self.metadata else None


@dataclass
class Summary:
    """The counts of a scored table; they grow with every chunk.

    Attributes
    ----------
    rows, scored : rows of the table, and those that got an answer
    classes : class -> rows predicted as that class
    reasons : reason -> rows left without an answer
    outside : feature -> scored rows outside the range it was trained on
    any_outside : scored rows outside in at least one feature
    probabilities : whether the model has probabilities
    chances : for two classes, the probabilities of the second for the scored genes, chunk by chunk
    """

    rows: int = 0
    scored: int = 0
    classes: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    outside: dict[str, int] = field(default_factory=dict)
    any_outside: int = 0
    probabilities: bool = False
    chances: list[npt.NDArray[np.float64]] = field(default_factory=list)


def training_ranges(X: pd.DataFrame) -> dict[str, list[float]]:
    """Feature -> [smallest, largest] value of the training genes (``X``: rows are genes)."""
    return {str(column): [float(X[column].min()), float(X[column].max())] for column in X}


def check(scorer: Scorer, table: Table) -> None:
    """Check that ``table`` has every column that the model needs.

    Raises
    ------
    BadInput
        a column is missing; the line says what the table has and how to provide the column
    """
    missing = [feature for feature in scorer.features if feature not in table.frame]
    if not missing:
        return
    has = ", ".join(
        name if table.columns.get(name, name) == name else f"{name} ({table.columns[name]})"
        for name in table.features
    )
    raise BadInput(
        f"{table.path}: read as {table.dialect}, it has no {', '.join(missing)}, which {scorer.uri} needs; "
        f"it has {has}; {_offer(scorer, missing, table)}"
    )


def score(scorer: Scorer, table: Table, rows: int, summary: Summary) -> Iterator[pd.DataFrame]:
    """Score a table ``rows`` genes at a time; the chunks together have its rows, in its order.

    Columns: ``gene`` (and ``group``), ``predicted``, ``probability_<class>`` where the model has probabilities,
    ``chance_low`` and ``chance_high`` (see ``decision.Bounds``) where the target was replication,
    the features, ``outside_range`` (features outside the training range, joined by ``;``), and ``reason`` (why
    the row has no answer, else empty). ``summary`` is updated with every chunk.

    Raises
    ------
    BadInput
        a column that the model needs is missing, ``rows`` below 1
    """
    if rows < 1:
        raise BadInput(f"chunk={rows}: must be 1 or more rows, such as 50000")
    check(scorer, table)
    if scorer.metadata.get("whole_table"):  # the model reads ranks within the table
        rows = max(len(table.frame), 1)
    for start in range(0, len(table.frame), rows):
        yield _chunk(scorer, table.frame.iloc[start : start + rows].reset_index(drop=True), summary)


def answers(scorer: Scorer, X: pd.DataFrame) -> pd.DataFrame:
    """The model's answers for genes given by their features (``X``: rows are genes): the columns of ``score`` without
    ids and features, in the order of the rows."""
    answered = _chunk(scorer, X[list(scorer.features)].reset_index(drop=True), Summary())
    return answered.drop(columns=list(scorer.features)).set_index(X.index)


def _chunk(scorer: Scorer, frame: pd.DataFrame, summary: Summary) -> pd.DataFrame:
    X = frame[list(scorer.features)].astype(np.float64)
    finite = np.isfinite(X.to_numpy())
    complete = finite.all(axis=1)
    reasons = _joined(~finite, [f"no finite number in {name}" for name in scorer.features], "; ")
    outside = np.zeros(X.shape, dtype=bool)
    for k, name in enumerate(scorer.features):
        if name in scorer.ranges:
            low, high = scorer.ranges[name]
            outside[:, k] = complete & ((X[name] < low) | (X[name] > high)).to_numpy()
    out = frame[[column for column in GENE if column in frame]].copy()
    names = np.array([*scorer.classes, ""], dtype=object)
    codes = np.full(len(X), len(scorer.classes))
    probability = None
    if complete.any():
        answer = predict(scorer.pipeline, X[complete])
        codes[complete], probability = answer.predicted, answer.probability
    out["predicted"] = names[codes]
    summary.probabilities = hasattr(scorer.pipeline, "predict_proba")
    if summary.probabilities:
        for k, name in enumerate(scorer.classes):
            column = np.full(len(X), np.nan)
            if probability is not None:
                column[complete] = probability[:, k]
            out[f"probability_{name}"] = column
    if scorer.bounds is not None and probability is not None:
        for name, limit in zip(("low", "high"), scorer.bounds.at(probability[:, 1]), strict=True):
            out[f"chance_{name}"] = np.nan
            out.loc[complete, f"chance_{name}"] = limit
    if probability is not None and len(scorer.classes) == 2:
        summary.chances.append(probability[:, 1])
    out = pd.concat([out, X], axis=1)
    out["outside_range"] = _joined(outside, scorer.features, ";")
    out["reason"] = reasons
    _count(summary, scorer, codes[complete], outside, reasons, len(X))
    return out


def _count(summary: Summary, scorer: Scorer, codes: Any, outside: Any, reasons: Any, rows: int) -> None:
    summary.rows += rows
    summary.scored += len(codes)
    summary.any_outside += int(outside.any(axis=1).sum())
    for k, name in enumerate(scorer.classes):
        summary.classes[name] = summary.classes.get(name, 0) + int(np.sum(codes == k))
    for k, name in enumerate(scorer.features):
        if name not in scorer.ranges:
            continue
        summary.outside[name] = summary.outside.get(name, 0) + int(outside[:, k].sum())
    distinct, counts = np.unique(reasons[reasons != ""].astype(str), return_counts=True)
    for reason, count in zip(distinct, counts, strict=True):
        summary.reasons[str(reason)] = summary.reasons.get(str(reason), 0) + int(count)


def _joined(flags: Any, names: Sequence[str], mark: str) -> Any:
    """Names of the flagged columns of each row, joined; each distinct combination is joined once."""
    patterns, place = np.unique(flags, axis=0, return_inverse=True)
    texts = [mark.join(n for n, flag in zip(names, row, strict=True) if flag) for row in patterns]
    return np.array(texts, dtype=object)[place.ravel()]


def _offer(scorer: Scorer, missing: Sequence[str], table: Table) -> str:
    """How to provide the missing columns from this table, or which features a model for it could use."""
    offers = []
    if "t" in missing and {"logFC", "SE"} <= set(table.frame):
        offers.append("data.derive=true makes t = logFC / SE")
        missing = [name for name in missing if name != "t"]
    elif "t" in missing and UNSIGNED & set(table.frame):
        unsigned = ", ".join(sorted(UNSIGNED & set(table.frame)))
        offers.append(f"its {unsigned} has no sign and is no t")
        missing = [name for name in missing if name != "t"]
    extra = [name for name in missing if name in scorer.extra]
    if extra:
        offers.append(
            f"{', '.join(extra)} {'is a column' if len(extra) == 1 else 'are columns'} of the training table's own: "
            "add such a column, or features.join=FILE, a table that has it by gene id"
        )
    roles = {name: role for role, name in ROLE_OF.items()}
    overrides = [f"data.columns.{roles[name]}=HEADER" for name in missing if name in roles]
    if overrides:
        offers.append(f"if another column holds it, add {' '.join(overrides)}")
    shared = [name for name in scorer.features if name in table.frame]
    if shared:
        offers.append(
            f"else train a model on what both have: features=list 'features.columns=[{','.join(shared)}]'"
        )
    return "; ".join(offers)
