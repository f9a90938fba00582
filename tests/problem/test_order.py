import numpy as np
import pandas as pd
import pytest

from dge_experiments.problem.order import by_id
from dge_experiments.problem.split import split


def table(genes=300, seed=0, rows_a_gene=1):
    rng = np.random.default_rng(seed)
    ids = np.repeat([f"gene{i}" for i in range(genes // rows_a_gene)], rows_a_gene)
    frame = pd.DataFrame({"gene": ids, "logFC": rng.normal(size=genes), "t": rng.normal(size=genes)})
    return frame, (rng.random(genes) < 0.3).astype(np.int64)


def dealt(frame, y, seed=1, groups=None, **how):
    order = by_id(frame["gene"], frame[["logFC", "t"]], seed)
    parts = split(
        y, ("no", "yes"), test_size=0.2, stratify=how.get("stratify", True), seed=seed, folds=5, shuffle=True,
        cv_rows=how.get("cv_rows", "train"), groups=groups, repeats=how.get("repeats", 1), order=order,
    )  # fmt: skip
    folds = [frame.index[score_on].tolist() for _, score_on in parts.cv_folds]
    return frame.index[parts.train].tolist(), frame.index[parts.test].tolist(), folds


@pytest.mark.parametrize(
    "how",
    [{}, {"stratify": False}, {"cv_rows": "all"}, {"repeats": 2}],
    ids=["plain", "drawn", "all rows", "repeats"],
)
@pytest.mark.parametrize("rows_a_gene", [1, 3])
def test_the_order_of_the_rows_changes_nothing(how, rows_a_gene):
    frame, y = table(rows_a_gene=rows_a_gene)
    expected = dealt(frame, y, **how)
    for seed in range(3):
        rows = np.random.default_rng(seed).permutation(len(frame))
        assert dealt(frame.iloc[rows], y[rows], **how) == expected


def test_nor_does_it_of_groups():
    frame, y = table(rows_a_gene=3)
    expected = dealt(frame, y, groups=frame["gene"].factorize()[0])
    rows = np.random.default_rng(0).permutation(len(frame))
    shuffled = frame.iloc[rows]
    assert dealt(shuffled, y[rows], groups=shuffled["gene"].factorize()[0]) == expected
    train, test, _ = expected
    assert not set(frame.loc[train, "gene"]) & set(frame.loc[test, "gene"])


def test_another_seed_deals_anew_and_every_row_once():
    frame, y = table()
    one, other = dealt(frame, y, seed=1), dealt(frame, y, seed=2)
    assert one[1] != other[1]
    assert sorted(one[0] + one[1]) == list(range(300))
    assert sorted(row for fold in one[2] for row in fold) == sorted(one[0])


def test_the_hash_is_the_same_everywhere():
    """SipHash of the id under the seed: a split can be made again on another machine."""
    values = pd.DataFrame({"logFC": np.zeros(4)})
    for kind in (object, "string"):
        ids = pd.Series(["BRCA1", "TP53", "EGFR", "MYC"], dtype=kind)
        assert by_id(ids, values, 42).tolist() == [2, 3, 0, 1]
