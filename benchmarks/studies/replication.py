"""The tables of docs/replication.md: every pair of studies, and the sets of three and more left out one by one.

    python benchmarks/studies/replication.py FOLDER [DOCUMENT]

FOLDER holds the studies (see docs/replication.md for what they are); DOCUMENT, docs/replication.md by default, has its
tables replaced. About ten minutes on one core.
"""

import sys
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits
from xgboost import XGBClassifier

from dge_experiments.evaluation.calibration import expected_calibration_error
from dge_experiments.evaluation.gain import Gain, gain
from dge_experiments.evaluation.learner import Learner
from dge_experiments.evaluation.unseen import unseen
from dge_experiments.search.prediction import Prediction
from dge_experiments.studies.examples import ALONE, Example, Study, example, study
from dge_experiments.studies.luck import Luck
from dge_experiments.studies.replication import replicate
from dge_experiments.tables import Table, read

OBESITY = [f"obesity_GSE{number}" for number in (12050, 24883, 25401, 27949, 29718)]
PAIRS = [
    ("brain_array_AAD", "brain_rnaseq_ASD", "alcohol to autism (negative control)"),
    ("brain_array_IBD", "brain_rnaseq_ASD", "bowel disease to autism (negative control)"),
    ("brain_array_ASD", "brain_rnaseq_ASD", "autism"),
    ("brain_array_BD", "brain_rnaseq_BD", "bipolar disorder"),
    ("brain_array_SCZ", "brain_array_BD", "schizophrenia to bipolar disorder (shared controls)"),
    ("lung_array_GSE101929", "lung_rnaseq_LUAD", "lung adenocarcinoma"),
    ("yeast_edger_3v3", "yeast_edger_rest_of_3v3", "yeast, edgeR"),
    ("yeast_deseq2_3v3", "yeast_edger_rest_of_3v3", "yeast, DESeq2"),
    ("yeast_edger_6v6", "yeast_edger_rest_of_6v6", "yeast, edgeR"),
    ("yeast_deseq2_6v6", "yeast_edger_rest_of_6v6", "yeast, DESeq2"),
]
READING = {"brain_rnaseq_BD": {"contrast": "dxEffect", "columns": {"id": "ensemblID"}}}
BRIDGED = {"lung_rnaseq_LUAD": "gene_ids_human.csv.gz"}
RANKINGS = {
    "logFC": "\\|logFC\\|",
    "P.Value": "P",
    "ranks_added": "both ranks",
    "expected": "expected chance",
}
BOOSTED = XGBClassifier(n_estimators=100, max_depth=3, learning_rate=0.1, random_state=42, n_jobs=1)
MODELS: dict[str, BaseEstimator] = {
    "logistic": make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)),
    "XGBoost": BOOSTED,
}


def main(folder: Path, document: Path) -> None:
    names = [*OBESITY, *dict.fromkeys(name for first, second, _ in PAIRS for name in (first, second))]
    tables = {name: _read(folder, name) for name in names}
    studies = {name: study(table) for name, table in tables.items()}
    asked = [pair for first, second, _ in PAIRS for pair in ((first, second), (second, first))]
    asked += list(permutations(OBESITY, 2))
    with threadpool_limits(1):
        rows = [row for pair in asked for row in _pair(tables, studies, *pair)]
        parts = {"pairs": _markdown(pd.DataFrame(rows)), "unseen": _unseen(tables)}
    text = document.read_text(encoding="utf-8")
    for name, made in parts.items():
        before, _, rest = text.partition(f"<!-- {name} -->\n")
        text = f"{before}<!-- {name} -->\n{made}\n<!-- end of {name} -->{rest.partition(f'<!-- end of {name} -->')[2]}"
    document.write_text(text, encoding="utf-8")


def _read(folder: Path, name: str) -> Table:
    options: dict[str, object] = dict(READING.get(name, {}))
    if name in BRIDGED:
        options |= {"ids": "symbol", "ids_from": str(folder / BRIDGED[name])}
    return read(folder / f"{name}.csv.gz", **options)


def _pair(
    tables: dict[str, Table], studies: dict[str, Study], first: str, second: str
) -> Iterator[dict[str, object]]:
    """A row for all genes, and one for the first study's hits."""
    found = replicate(tables[first], [tables[second]])
    pair = example(studies, first, second, [])
    y = pair.y.astype(np.int64)
    X = pair.X[list(ALONE)].to_numpy()
    folds = StratifiedKFold(5, shuffle=True, random_state=42)
    chances = {
        name: cross_val_predict(model, X, y, cv=folds, method="predict_proba")[:, 1].astype(np.float64)
        for name, model in MODELS.items()
    }
    every = np.ones(len(y), np.bool_)
    for genes, of, rows in (("all", found.luck, every), ("hits", found.hits, pair.hit)):
        if of is not None and 0 < y[rows].sum() < rows.sum():
            yield _row(pair, genes, of, rows, y, chances)


def _row(
    pair: Example,
    genes: str,
    of: Luck,
    rows: np.ndarray,
    y: np.ndarray,
    chances: dict[str, np.ndarray],
) -> dict[str, object]:
    orders = {name: _order(pair, name) for name in RANKINGS}
    against = {name: _gain(y, rows, order, np.zeros(len(y))) for name, order in orders.items()}
    eye = max(against, key=lambda name: against[name].difference)
    gains = {name: _gain(y, rows, chance, orders[eye]) for name, chance in chances.items()}
    model = max(gains, key=lambda name: gains[name].difference)
    error = expected_calibration_error(y[rows], chances[model][rows], strategy="quantile")
    return {
        "first": pair.first, "second": pair.second, "genes": f"{genes}, {rows.sum():,}",
        "replicate": f"{of.seen:.1%}", "by luck [95 %]": f"{of.expected:.1%} [{of.low:.1%}, {of.high:.1%}]",
        "opposite sign": f"{of.opposite:.1%}", "p": f"{of.p_correlated:.1g}",
        "beyond luck": "yes" if of.beyond else "no",
        "best ranking": f"{RANKINGS[eye]} {0.5 + against[eye].difference:.3f}",
        "best model": f"{model} {0.5 + against[eye].difference + gains[model].difference:.3f}",
        "gain [95 %]": gains[model].text, "calibration error": f"{error:.3f}",
    }  # fmt: skip


def _order(pair: Example, ranking: str) -> np.ndarray:
    if ranking == "ranks_added":
        return (pair.X["effect"].rank() + pair.X["evidence"].rank()).to_numpy()
    return pair.X[{"logFC": "effect", "P.Value": "evidence"}.get(ranking, ranking)].to_numpy()


def _gain(y: np.ndarray, rows: np.ndarray, first: np.ndarray, second: np.ndarray) -> Gain:
    """Difference of the two orders' ROC AUC on these genes; a constant second order has 0.5."""
    one, other = (Prediction((v[rows] > 0.5).astype(np.int64), v[rows], None) for v in (first, second))
    return gain(y[rows], one, other, "roc_auc")


def _unseen(tables: dict[str, Table]) -> str:
    sets = {
        "five obesity studies": {name: tables[name] for name in OBESITY},
        "four quarters of the leukaemia patients": {
            f"all_quarter_{k}": read(f"bundled:all_quarter_{k}") for k in (1, 2, 3, 4)
        },
    }
    made = []
    for title, members in sets.items():
        learners = {name: Learner(make_pipeline(model)) for name, model in MODELS.items()}
        board = unseen(members, learners).board
        shown = board.assign(**{"mean ROC AUC [95 %]": _limits(board, "mean", "low", "high", ".3f")})
        shown["over the best ranking of one table"] = _limits(board, "gain", "gain_low", "gain_high", "+.3f")
        shown["over the other studies' sum"] = _limits(board, "more", "more_low", "more_high", "+.3f")
        columns = ["genes", "method", "reads", *shown.columns[-3:]]
        made.append(f"**{title}**\n\n{_markdown(shown[columns])}")
    return "\n\n".join(made)


def _limits(frame: pd.DataFrame, value: str, low: str, high: str, form: str) -> list[str]:
    rows = zip(frame[value], frame[low], frame[high], strict=True)
    return [f"{v:{form}} [{a:{form}}, {b:{form}}]" for v, a, b in rows]


def _markdown(frame: pd.DataFrame) -> str:
    lines = [list(map(str, frame.columns)), ["---"] * len(frame.columns)]
    lines += [list(map(str, row)) for row in frame.itertuples(index=False)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else Path("docs/replication.md"))
