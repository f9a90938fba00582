"""Models and rankings on unseen studies: one study after the other is left out."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import t as student
from sklearn.metrics import average_precision_score, roc_auc_score

from dge_experiments.errors import BadInput
from dge_experiments.evaluation.calibration import expected_calibration_error
from dge_experiments.evaluation.learner import Learner
from dge_experiments.studies.examples import ALONE, OTHERS, Example, Study, example, examples, study
from dge_experiments.tables import Table

FEWEST = 3
LEVEL = 0.95
ONE, MANY = "one table", "other studies too"
GENES = ("all", "hits")
RANKINGS = {"logFC": ONE, "P.Value": ONE, "ranks_added": ONE, "expected": ONE, "others_z": MANY}


@dataclass(frozen=True)
class Unseen:
    """Attributes
    ----------
    scores : one row per method, pair and kind of genes (`genes`: all, or the first study's hits): `key`, `method`,
        `kind` (ranking, model), `reads` (one table, other studies too), `held_out`, `first`, `second`, `rows`, the
        `rate` of replication, `roc_auc`, `average_precision`, and for models `promised` (mean probability) and `ece`
    board : one row per method and kind of genes, best mean AUC first: `mean` over the held-out studies with `low` and
        `high`, the 95 % interval of Student's t between studies, `least` of them; `by_eye`, the best ranking that
        reads one table, and the `gain` over it, `gain_low` and `gain_high`, study by study; and the gain over the order
        by the other studies' Stouffer sum: `more`, `more_low`, `more_high`
    predictions : one row per gene, pair and model: `method`, `held_out`, `first`, `second`, `gene`, `chance`,
        `held_up`, `hit`
    """

    scores: pd.DataFrame
    board: pd.DataFrame
    predictions: pd.DataFrame

    @property
    def sentences(self) -> list[str]:
        """For hits, then for all genes: the best ranking by one table, and whether a model beats it."""
        return [_sentence(self.board, genes, reads) for genes in ("hits", "all") for reads in (ONE, MANY)]


def unseen(tables: Mapping[str, Table], models: Mapping[str, Learner], *, alpha: float = 0.05) -> Unseen:
    """Leave one study out: train on the pairs of the others, score on the pairs with it, as first or as second.

    Training uses its table neither in a pair nor in a feature. Every model is fitted twice: on features from one table,
    and with features from the other studies as well.

    Parameters
    ----------
    tables : name of a study -> its table; three at least
    models : name -> the model to fit, tuned where it has a search

    Raises
    ------
    BadInput
        fewer than three studies (four where a model is tuned), a table without logFC or P.Value, two that share no
        gene
    """
    if len(tables) < FEWEST:
        raise BadInput(f"studies: {len(tables)} given; to leave one out it takes {FEWEST} or more")
    studies = {name: study(table, alpha) for name, table in tables.items()}
    rows, predicted = [], []
    for held_out in studies:
        training_pairs = list(examples(studies, alpha=alpha, unseen=[held_out]))
        test_pairs = _pairs_of(studies, held_out, alpha)
        for reads, columns in ((ONE, ALONE), (MANY, (*ALONE, *OTHERS))):
            for name, model in models.items():
                fitted = model.fit(training_pairs, columns)
                for pair in test_pairs:
                    p = fitted.predict_proba(pair.X[list(columns)].to_numpy())[:, 1].astype(np.float64)
                    rows += _scored(pair, p, held_out, name, "model", reads)
                    predicted.append(_answers(pair, p, held_out, f"{name}, {reads}"))
        for pair in test_pairs:
            for name, reads in RANKINGS.items():
                rows += _scored(pair, _order(pair, name), held_out, name, "ranking", reads)
    scores = pd.DataFrame(rows)
    return Unseen(scores, _board(scores), pd.concat(predicted, ignore_index=True))


def _pairs_of(studies: Mapping[str, Study], held_out: str, alpha: float) -> list[Example]:
    others = [name for name in studies if name != held_out]
    pairs = [(name, held_out) for name in others] + [(held_out, name) for name in others]
    return [
        example(studies, first, second, [n for n in studies if n not in (first, second)], alpha)
        for first, second in pairs
    ]


def _order(pair: Example, ranking: str) -> np.ndarray:
    if ranking == "ranks_added":
        return (pair.X["effect"].rank() + pair.X["evidence"].rank()).to_numpy()
    column = {"logFC": "effect", "P.Value": "evidence"}.get(ranking, ranking)
    return pair.X[column].to_numpy()


def _scored(
    pair: Example, value: np.ndarray, held_out: str, method: str, kind: str, reads: str
) -> list[dict[str, object]]:
    """One row for all genes and one for the hits, where both classes occur."""
    scored = []
    for genes, rows in zip(GENES, (np.ones(len(pair.y), np.bool_), pair.hit), strict=True):
        y, v = pair.y[rows], value[rows]
        if y.all() or not y.any():
            continue
        row: dict[str, object] = {
            "key": f"{method}, {reads}",
            "method": method,
            "kind": kind,
            "reads": reads,
            "held_out": held_out,
            "first": pair.first,
            "second": pair.second,
            "genes": genes,
            "rows": len(y),
            "rate": float(y.mean()),
            "roc_auc": float(roc_auc_score(y, v)),
            "average_precision": float(average_precision_score(y, v)),
        }
        if kind == "model":
            ece = expected_calibration_error(y.astype(np.int64), v, strategy="quantile")
            row |= {"promised": float(v.mean()), "ece": ece}
        scored.append(row)
    return scored


def _answers(pair: Example, p: np.ndarray, held_out: str, method: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "method": method, "held_out": held_out, "first": pair.first, "second": pair.second, "gene": pair.X.index,
            "chance": p, "held_up": pair.y, "hit": pair.hit,
        }
    )  # fmt: skip


def _board(scores: pd.DataFrame) -> pd.DataFrame:
    """Means over the held-out studies; the value of a study is its mean over its pairs."""
    rows: list[dict[str, object]] = []
    for genes, part in scores.groupby("genes", sort=False):
        auc = part.pivot_table(index="held_out", columns="key", values="roc_auc", sort=False)
        by_one_table = [f"{name}, {reads}" for name, reads in RANKINGS.items() if reads == ONE]
        by_eye, stouffer = str(auc[by_one_table].mean().idxmax()), f"others_z, {MANY}"
        for key, first in part.drop_duplicates("key").set_index("key").iterrows():
            row: dict[str, object] = {"genes": genes, **first[["method", "kind", "reads"]]}
            row |= _between(auc[key], "mean", "low", "high")
            row |= {"least": auc[key].min(), "studies": auc[key].count(), "by_eye": by_eye.partition(",")[0]}
            row |= _between(auc[key] - auc[by_eye], "gain", "gain_low", "gain_high")
            row |= _between(auc[key] - auc[stouffer], "more", "more_low", "more_high")
            rows.append(row)
    board = pd.DataFrame(rows)
    return board.sort_values(["genes", "mean"], ascending=[True, False], kind="stable").reset_index(drop=True)


def _between(values: pd.Series, mean: str, low: str, high: str) -> dict[str, float]:
    """Mean and its 95 % interval by Student's t between studies."""
    finite = values.dropna().to_numpy(np.float64)
    reach = float("nan")
    if len(finite) > 1:
        reach = float(
            student.ppf((1 + LEVEL) / 2, len(finite) - 1) * finite.std(ddof=1) / np.sqrt(len(finite))
        )
    return {mean: finite.mean(), low: finite.mean() - reach, high: finite.mean() + reach}


def _sentence(board: pd.DataFrame, genes: str, reads: str) -> str:
    best = board[(board["genes"] == genes) & (board["reads"] == reads) & (board["kind"] == "model")].iloc[0]
    comparison = "better than" if best["gain_low"] > 0 and best["low"] > 0.5 else "no gain over"
    who = "Reading one table" if reads == ONE else "Reading the other studies as well"
    which = "the first study's hits" if genes == "hits" else "all genes"
    sentence = (
        f"{who}, on {which} of {int(best['studies'])} unseen studies: {best['method']} has a mean ROC AUC of "
        f"{_limits(best, 'mean', 'low', 'high', '.3f')}, {comparison} the order by {best['by_eye']} in one table "
        f"({_limits(best, 'gain', 'gain_low', 'gain_high', '+.3f')})"
    )
    if reads == MANY:
        more = _limits(best, "more", "more_low", "more_high", "+.3f")
        comparison = "better than" if best["more_low"] > 0 and best["low"] > 0.5 else "no gain over"
        sentence += f" and {comparison} the other studies' Stouffer sum ({more})"
    return f"{sentence}."


def _limits(row: pd.Series, value: str, low: str, high: str, form: str) -> str:
    return f"{row[value]:{form}} [{row[low]:{form}}, {row[high]:{form}}]"


def deciles(predictions: pd.DataFrame, method: str) -> pd.DataFrame:
    """The chance that a model predicted and the share that replicated, by tenths of the genes of each study left out.

    Returns
    -------
    One row per study and tenth: `held_out`, `tenth`, `promised`, `held_up`, `genes`.
    """
    of_method = predictions[predictions["method"] == method]
    rank = of_method.groupby("held_out", sort=False)["chance"].rank(pct=True, method="first")
    tenth = np.ceil(rank * 10).astype(int).rename("tenth")
    tenths = of_method.groupby(["held_out", tenth], sort=False).agg(
        promised=("chance", "mean"), held_up=("held_up", "mean"), genes=("gene", "size")
    )
    return tenths.reset_index().sort_values(["held_out", "tenth"], kind="stable")


def best_model(board: pd.DataFrame) -> str:
    """The model with the best mean for the first study's hits, as ``predictions`` name it."""
    models = board[(board["genes"] == "hits") & (board["kind"] == "model")]
    first = models.iloc[0]
    return f"{first['method']}, {first['reads']}"
