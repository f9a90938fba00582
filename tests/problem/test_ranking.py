import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, rankdata
from sklearn.base import clone
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

from dge_experiments.problem.ranking import NAMES, RankingClassifier


def genes(n: int = 3000, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """logFC with a standard error of 1, and whether a second study of the same precision agrees."""
    rng = np.random.default_rng(seed)
    truth = np.where(rng.random(n) < 0.3, rng.normal(0, 3, n), 0)
    effect, second = truth + rng.normal(size=n), truth + rng.normal(size=n)
    frame = pd.DataFrame(
        {"logFC": effect, "AveExpr": rng.normal(size=n), "P.Value": 2 * norm.sf(np.abs(effect))}
    )
    return frame, ((np.sign(effect) == np.sign(second)) & (np.abs(second) > 1.96)).astype(int)


@pytest.mark.parametrize(
    ("by", "order"),
    [
        ("logFC", lambda f: f["logFC"].abs()),
        ("P.Value", lambda f: -f["P.Value"]),
        ("AveExpr", lambda f: f["AveExpr"]),
        ("product", lambda f: f["logFC"].abs() * -np.log10(f["P.Value"])),
        ("ranks_added", lambda f: rankdata(f["logFC"].abs()) + rankdata(-f["P.Value"])),
    ],
)
def test_probabilities_keep_the_order_of_the_statistic(by: str, order: object) -> None:
    frame, y = genes()
    model = RankingClassifier(by).fit(frame, y)
    expected = order(frame)  # type: ignore[operator]
    found = model.predict_proba(frame)[:, 1]
    if by != "AveExpr":
        assert roc_auc_score(y, found) == pytest.approx(roc_auc_score(y, expected), abs=1e-12)
    assert rankdata(found) == pytest.approx(rankdata(expected), abs=1)


def test_the_calibration_is_right_on_average_and_by_part() -> None:
    frame, y = genes(20_000)
    new, truth = genes(20_000, seed=1)
    for by in ("logFC", "P.Value", "expected"):
        p = RankingClassifier(by).fit(frame, y).predict_proba(new)[:, 1]
        assert p.mean() == pytest.approx(truth.mean(), abs=0.01)
        for _, rows in pd.Series(p).groupby(pd.qcut(p, 5)):
            assert truth[rows.index].mean() == pytest.approx(rows.mean(), abs=0.05)


def test_a_ranking_is_never_turned_round() -> None:
    frame, y = genes()
    model = RankingClassifier("logFC").fit(frame, 1 - y)
    p = model.predict_proba(frame)[:, 1]
    assert roc_auc_score(1 - y, p) == pytest.approx(1 - roc_auc_score(y, frame["logFC"].abs()), abs=1e-9)
    assert p == pytest.approx(np.full(len(p), (1 - y).mean()), abs=1e-4)


def test_scikit_learn_can_clone_and_cross_validate_it_on_arrays() -> None:
    frame, y = genes()
    model = make_pipeline(RankingClassifier("ranks_added", columns=tuple(frame)))
    assert clone(model)[-1].get_params() == {"by": "ranks_added", "columns": ("logFC", "AveExpr", "P.Value")}
    scores = cross_val_score(model, frame.to_numpy(), y, scoring="roc_auc", cv=3)
    assert scores.mean() > 0.7
    whole, array = (clone(model).fit(X, y).predict_proba(X) for X in (frame, frame.to_numpy()))
    assert (whole == array).all()


def test_expected_needs_no_labels_for_its_order() -> None:
    frame, y = genes()
    by_label, shuffled = (RankingClassifier("expected").fit(frame, labels) for labels in (y, np.roll(y, 1)))
    ranks = [rankdata(model.predict_proba(frame)[:, 1]) for model in (by_label, shuffled)]
    assert (ranks[0] == ranks[1]).all()


@pytest.mark.parametrize(
    ("by", "columns", "classes", "message"),
    [
        ("size", ["logFC"], 2, "no such ranking"),
        ("P.Value", ["logFC"], 2, "no column P.Value"),
        ("logFC", ["logFC"], 3, "two answers, not 3"),
    ],
)
def test_what_cannot_be_ranked_is_said(by: str, columns: list[str], classes: int, message: str) -> None:
    frame, _ = genes(30)
    with pytest.raises(ValueError, match=message):
        RankingClassifier(by).fit(frame[columns], np.arange(30) % classes)
    assert "logFC" in NAMES


def test_an_array_without_names_is_refused() -> None:
    with pytest.raises(ValueError, match="3 columns and 0 are named"):
        RankingClassifier().fit(np.zeros((4, 3)), [0, 1, 0, 1])
