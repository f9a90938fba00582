"""The name of a run: what tells it from another of the same model."""

import pytest

from dge_experiments.experiment.plan import features_called
from dge_experiments.tracking.tags import run_name
from given import settings

TAGS = {"model": "svm", "search": "tpe", "features": "all"}


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("model=svm data.path=t.csv compute.workers=3 out=x explanation.methods=[]", "svm-tpe"),
        ("search.n_trials=3 split=grouped", "svm-tpe, search.n_trials=3, split=grouped"),
        ("evaluation=nested target.path=b.csv", "svm-tpe, evaluation=nested, target.path=b.csv"),
        ("model=svm seed=2", "svm-tpe, seed=2"),
        ("seed=1 search.n_trials=2 seed=2 +search.n_trials=5", "svm-tpe, seed=2, search.n_trials=5"),
        ("calibration=beta threshold=auto", "svm-tpe, calibration=beta, threshold=auto"),
        ("'features.columns=[t,B]'", "svm-tpe, features.columns=[t,B]"),
        ("'data.filter=P.Value < 0.05'", "svm-tpe, data.filter=P.Value < 0.05"),
        ("+model.estimator.C=2 hydra.mode=RUN", "svm-tpe, model.estimator.C=2"),
    ],
)
def test_a_run_is_named_by_what_was_asked_for(given: str, name: str) -> None:
    assert run_name(TAGS, f"python -m dge_experiments {given}") == name


def test_a_long_name_is_cut() -> None:
    assert len(run_name(TAGS, "x '" + "data.filter=" + "a" * 300 + "'")) == 250


def test_features_are_called_by_what_was_chosen() -> None:
    columns = "features.columns=[B]"
    assert features_called(settings().features) == "all"
    assert features_called(settings(columns).features) == "list"
    assert (
        features_called(settings("features=honest", "features.extra=[length,gc]").features)
        == "honest+length+gc"
    )
