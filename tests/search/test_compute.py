import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from dge_experiments.search import compute


def test_the_kernel_cache_holds_the_matrix_as_far_as_memory_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline = make_pipeline(StandardScaler(), SVC())
    monkeypatch.setattr(compute, "memory", lambda: 8 * 2**30)
    sizes = [compute.with_kernel_cache(pipeline, rows, 2)[-1].cache_size for rows in (100, 16384, 10**6)]
    assert sizes == [200, 1024, 2048]
    assert pipeline[-1].cache_size == 200
    other = make_pipeline(LogisticRegression())
    assert compute.with_kernel_cache(other, 100, 2) is other


def test_the_cache_changes_no_decision() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 3))
    y = (X[:, 0] + rng.normal(size=300) > 0).astype(np.int64)
    decisions = [SVC(cache_size=size).fit(X, y).decision_function(X) for size in (0.01, 500)]
    assert np.array_equal(*decisions)


def test_where_the_memory_is_unknown_the_cache_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline = make_pipeline(StandardScaler(), SVC())
    monkeypatch.delattr("os.sysconf_names")
    monkeypatch.delattr("os.sysconf")
    assert compute.memory() is None
    assert compute.with_kernel_cache(pipeline, 10**6, 2) is pipeline


def test_memory_is_positive_and_at_most_the_machines() -> None:
    usable = compute.memory()
    assert usable is not None and 0 < usable < 2**50
