"""What is loaded is what was logged: never a pickle, never a type that is not on the list."""

import os
import pickle
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import mlflow
import pytest
import skops.io
import yaml
from sklearn.calibration import CalibratedClassifierCV
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC
from xgboost import XGBClassifier

from dge_experiments.errors import BadInput
from dge_experiments.prediction.score import training_ranges
from dge_experiments.report.records import Model
from dge_experiments.tracking import loading, runs, store
from given import limma_table

FRAME = limma_table(60)
X, Y = FRAME[["t", "AveExpr"]], (FRAME["logFC"] > 0).astype(int)
FOREST = make_pipeline(RandomForestClassifier(3, random_state=0)).fit(X, Y)
LOGISTIC = make_pipeline(LogisticRegression()).fit(X, Y)


MODELS = {
    "dummy": DummyClassifier(),
    "logistic_regression": LogisticRegression(),
    "svm": SVC(),
    "random_forest": RandomForestClassifier(3, random_state=0),
    "xgboost": XGBClassifier(n_estimators=3),
}


class Evil:
    """Makes a file when it is unpickled."""

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, ("touch broken-in",)


def logged(pipeline: object) -> tuple[str, Path]:
    with runs.parent(store.connect(None), "x", "n", {}) as parent:
        metadata = {"classes": ["down", "up"], "training_ranges": training_ranges(X), "leak": "t"}
        parent.log([Model("m", pipeline, X, pipeline.predict(X), ["scikit-learn"], metadata)])  # type: ignore[attr-defined, arg-type]
    return str(parent.model_uri), Path(mlflow.artifacts.download_artifacts(artifact_uri=parent.model_uri))


def relist(folder: Path, **flavor: object) -> None:
    about = yaml.safe_load((folder / "MLmodel").read_text())
    about["flavors"]["sklearn"] |= flavor
    (folder / "MLmodel").write_text(yaml.safe_dump(about))


def refused(uri: str, trusted: tuple[str, ...] = ()) -> str:
    with pytest.raises(BadInput) as caught:
        loading.scorer(store.connect(None), uri, trusted)
    assert "\n" not in str(caught.value)
    assert not Path("broken-in").exists()
    return str(caught.value)


def test_a_logged_model_comes_back_with_what_it_was_trained_on(project: Path) -> None:
    uri, _ = logged(FOREST)
    scorer = loading.scorer(store.connect(None), uri)
    assert (scorer.features, scorer.classes) == (("t", "AveExpr"), ("down", "up"))
    assert scorer.ranges["t"] == (X["t"].min(), X["t"].max())
    assert scorer.metadata["leak"] == "t"
    assert (scorer.pipeline.predict(X) == FOREST.predict(X)).all()


def test_a_file_swapped_for_a_pickle_is_refused_unread(project: Path) -> None:
    uri, folder = logged(FOREST)
    (folder / "model.skops").write_bytes(pickle.dumps(Evil()))
    assert "model.skops is a pickle; not loaded" in refused(uri)


def test_a_model_that_says_it_is_a_pickle_is_refused_unread(project: Path) -> None:
    uri, folder = logged(FOREST)
    (folder / "model.pkl").write_bytes(pickle.dumps(Evil()))
    for kind in ("pickle", "cloudpickle", None):
        relist(folder, serialization_format=kind, pickled_model="model.pkl")
        assert f"saved as {kind}, which runs code" in refused(uri)


def test_a_type_that_the_model_does_not_list_is_refused(project: Path) -> None:
    uri, folder = logged(LOGISTIC)
    skops.io.dump(FOREST, folder / "model.skops")
    assert "holds the type sklearn.tree._tree.Tree, which its MLmodel does not name" in refused(uri)


def test_a_type_that_is_swapped_in_together_with_its_list_is_refused(project: Path) -> None:
    uri, folder = logged(LOGISTIC)
    skops.io.dump(make_pipeline(FunctionTransformer(os.system), LOGISTIC), folder / "model.skops")
    relist(folder, skops_trusted_types=["posix.system"])
    said = refused(uri)
    assert "posix.system, which is not on the list of trusted types" in said
    assert "trusted=[posix.system]" in said


@pytest.mark.parametrize("calibration", ["none", "sigmoid", "isotonic"])
@pytest.mark.parametrize("model", MODELS)
def test_every_model_is_loaded_with_the_listed_types_alone_and_holds_no_pickle(
    model: str, calibration: str
) -> None:
    pipeline = make_pipeline(StandardScaler(), MODELS[model])
    if calibration != "none":
        pipeline = CalibratedClassifierCV(pipeline, method=calibration, cv=3, ensemble=False)
    pipeline.fit(X, Y)
    saved = skops.io.dumps(pipeline)
    types = skops.io.get_untrusted_types(data=saved)
    assert set(types) <= set(loading.TRUSTED)
    assert (skops.io.loads(saved, trusted=types).predict(X) == pipeline.predict(X)).all()
    with ZipFile(BytesIO(saved)) as archive:
        assert not [name for name in archive.namelist() if archive.read(name)[:1] == loading.PICKLE]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut short", b"text"])
def test_a_damaged_file_is_one_line(project: Path, content: bytes) -> None:
    uri, folder = logged(LOGISTIC)
    (folder / "model.skops").write_bytes(content)
    assert "model.skops is no skops archive" in refused(uri)


def test_a_file_outside_the_model_is_refused(project: Path) -> None:
    uri, folder = logged(LOGISTIC)
    skops.io.dump(LOGISTIC, Path("elsewhere.skops"))
    relist(folder, pickled_model=str(Path("elsewhere.skops").resolve()))
    assert "is not there" in refused(uri)


def test_a_model_that_is_not_there_is_one_line_with_those_that_are(project: Path) -> None:
    client = store.connect(None)
    assert "there are no registered models" in refused("models:/nope@champion")
    uri, _ = logged(LOGISTIC)
    client.create_registered_model("mine")
    client.create_model_version("mine", uri)
    client.set_registered_model_alias("mine", "champion", "1")
    assert "there are models:/mine@champion" in refused("models:/mine@champoin")
    assert loading.scorer(client, "models:/mine@champion").uri == "mine@champion (version 1)"
