"""``model.estimator`` makes classifiers of trusted packages and runs nothing else."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from dge_experiments.errors import BadInput
from dge_experiments.settings import Model
from dge_experiments.settings.estimator import estimator
from given import settings

HOSTILE = [
    {"_target_": "builtins.open", "file": "broken-in", "mode": "w"},
    {"_target_": "os.mknod", "path": "broken-in"},
    {"_target_": "os._exit", "status": 3},
    {"_target_": "sys.exit"},
    {"_target_": "shutil.copy", "src": "/etc/hostname", "dst": "broken-in"},
    {"_target_": "joblib.load", "filename": "evil.pickle"},
    {"_target_": "pandas.read_pickle", "filepath_or_buffer": "evil.pickle"},
    {"_target_": "sklearn.datasets.load_svmlight_file", "f": "/etc/hostname"},
    {"_target_": "sklearn.base.clone", "estimator": 1},
    {"_target_": "sklearn.svm.os.mknod", "path": "broken-in"},
    {"_target_": "sklearn.ensemble.BaggingClassifier", "estimator": {"_target_": "os.mknod", "path": "broken-in"}},
    {"_target_": "sklearn.pipeline.Pipeline", "steps": [["a", {"_target_": "os.mknod", "path": "broken-in"}]]},
    {"_target_": "sklearn.svm.SVC", "_partial_": True},
    {"_target_": "sklearn.svm.SVC", "_args_": [1]},
    {"_target_": "sklearn.svm.SVR"},
    {"_target_": {"a": 1}},
    {"_target_": 3},
    {"_target_": "SVC"},
    {"C": 1.0},
]  # fmt: skip


@pytest.mark.parametrize("described", HOSTILE, ids=lambda d: str(d.get("_target_")))
def test_what_is_no_trusted_classifier_is_refused_and_not_run(
    described: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput, match=r"^model\.estimator"):
        estimator(Model("m", described))
    assert not list(tmp_path.iterdir())


def test_a_nested_estimator_of_a_trusted_package_is_made() -> None:
    nested = {
        "_target_": "sklearn.ensemble.BaggingClassifier",
        "estimator": {"_target_": "sklearn.svm.SVC", "C": 2},
    }
    assert estimator(Model("m", nested)).estimator.C == 2


def test_a_package_of_ones_own_is_trusted_on_purpose(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = "from sklearn.linear_model import LogisticRegression\nclass Mine(LogisticRegression): pass\n"
    (tmp_path / "mypackage.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    model = Model("m", {"_target_": "mypackage.Mine"})
    with pytest.raises(BadInput, match=r"model\.trusted=\[mypackage\]"):
        estimator(model)
    assert "mypackage" not in sys.modules
    assert type(estimator(replace(model, trusted=["mypackage"]))).__name__ == "Mine"


@pytest.mark.parametrize("preset", ["all_leukemia", "all_discovery", "table", "seed"])
def test_a_path_that_is_given_is_the_path_that_is_read(preset: str) -> None:
    chosen = settings(f"data={preset}", "data.path=mine.csv").data
    assert chosen.path == "mine.csv"
    assert chosen.name in (None, "seed")
