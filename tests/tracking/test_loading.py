"""What is loaded is what was logged: never a pickle, never a type that is not on the list."""

import json
import os
import pickle
import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import mlflow
import numpy as np
import pytest
import skops.io
import yaml
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC
from xgboost import XGBClassifier

from dge_experiments.errors import BadInput
from dge_experiments.prediction.score import training_ranges
from dge_experiments.report.records import Model
from dge_experiments.tracking import archive, loading, runs, store
from given import limma_table

pytestmark = pytest.mark.slow

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
    "nearest": KNeighborsClassifier(algorithm="kd_tree"),
    "nearest_by_manhattan": KNeighborsClassifier(algorithm="ball_tree", metric="manhattan"),
    "boosting": HistGradientBoostingClassifier(max_iter=3),
    "network": MLPClassifier((4,), max_iter=3),
    "network_sgd": MLPClassifier((4,), max_iter=3, solver="sgd", early_stopping=True),
}


class Evil:
    """Makes a file when it is unpickled."""

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, ("touch broken-in",)


def logged(pipeline: object) -> tuple[str, Path]:
    with runs.parent(store.connect(None), "x", "n", {}) as parent:
        metadata = {"classes": ["down", "up"], "training_ranges": training_ranges(X), "leak": "t"}
        parent.log([Model("m", pipeline, X, pipeline.predict(X), ["scikit-learn"], metadata)])  # type: ignore[attr-defined, arg-type]
    return parent.models["m"], Path(mlflow.artifacts.download_artifacts(artifact_uri=parent.models["m"]))


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
    assert "holds sklearn.tree._tree.Tree, which its MLmodel does not name" in refused(uri)


def test_a_type_that_is_swapped_in_together_with_its_list_is_refused(project: Path) -> None:
    uri, folder = logged(LOGISTIC)
    skops.io.dump(make_pipeline(FunctionTransformer(os.system), LOGISTIC), folder / "model.skops")
    relist(folder, skops_trusted_types=["posix.system"])
    said = refused(uri)
    assert "posix.system, not on the list of trusted types" in said
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
    with ZipFile(BytesIO(saved)) as saved_files:
        assert not [name for name in saved_files.namelist() if saved_files.read(name)[:1] == archive.PICKLE]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut short", b"text", b"\0" * 99])
def test_a_damaged_file_is_one_line(project: Path, content: bytes) -> None:
    uri, folder = logged(LOGISTIC)
    (folder / "model.skops").write_bytes(content)
    assert "model.skops is no skops archive" in refused(uri)


def test_all_types_that_are_not_trusted_are_said_at_once(project: Path) -> None:
    uri, _ = logged(make_pipeline(GaussianProcessClassifier(RBF() + WhiteKernel())).fit(X, Y))
    kernels = [f"sklearn.gaussian_process.kernels.{name}" for name in ("RBF", "Sum", "WhiteKernel")]
    trusted = re.search(r"trusted=\[(.*)\]", refused(uri))
    assert trusted is not None and set(kernels) < set(trusted[1].split(","))
    assert loading.scorer(store.connect(None), uri, tuple(trusted[1].split(","))).classes == ("down", "up")


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


def bare(folder: Path, model: object, **about: object) -> str:
    """A model of another tool's making: a folder with an MLmodel and a skops file, unknown to the store."""
    folder.mkdir()
    skops.io.dump(model, folder / "m.skops")
    flavor = {"pickled_model": "m.skops", "serialization_format": "skops",
              "skops_trusted_types": skops.io.get_untrusted_types(file=folder / "m.skops")}  # fmt: skip
    inputs = [{"name": name, "type": "double"} for name in X.columns]
    given = {"flavors": {"sklearn": flavor}, "signature": {"inputs": json.dumps(inputs)}, **about}
    (folder / "MLmodel").write_text(yaml.safe_dump(given))
    return str(folder)


TENSOR = {"inputs": json.dumps([{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 2]}}])}
FOREIGN = {
    "no signature": (LOGISTIC, {"signature": None}, "signature does not name its columns"),
    "a tensor signature": (LOGISTIC, {"signature": TENSOR}, "signature does not name its columns"),
    "a broken signature": (LOGISTIC, {"signature": {"inputs": "{"}}, "signature does not name its columns"),
    "a regressor": (LinearRegression().fit(X, Y), {}, "LinearRegression, which is no classifier"),
    "a clusterer": (KMeans(2).fit(X), {}, "KMeans, which is no classifier"),
    "an array": (X.to_numpy(), {}, "ndarray, which is no classifier"),
    "a dictionary": ({"a": 1}, {}, "dict, which is no classifier"),
    "not fitted": (make_pipeline(StandardScaler(), LogisticRegression()), {}, "was not fitted"),
    "of other columns": (
        LogisticRegression().fit(FRAME[["B", "t"]], Y),
        {},
        "does not answer for t, AveExpr",
    ),
    "of more columns": (LogisticRegression().fit(FRAME[["B", "t", "logFC"]], Y), {}, "does not answer for"),
    "odd metadata": (LOGISTIC, {"metadata": {"training_ranges": [1, 2]}}, "metadata is not as this package"),
    "odd classes": (LOGISTIC, {"metadata": {"classes": ["a", "b", "c"]}}, "names 3 classes, the model has 2"),
    "metadata that is text": (LOGISTIC, {"metadata": "x"}, "metadata is not as this package"),
    "no flavor": (LOGISTIC, {"flavors": {}}, "no scikit-learn model"),
    "flavors that are a list": (LOGISTIC, {"flavors": ["sklearn"]}, "no scikit-learn model"),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_model_of_another_making_is_one_line(project: Path, kind: str) -> None:
    model, about, said = FOREIGN[kind]
    assert said in refused(bare(project / "m", model, **about))  # type: ignore[arg-type]


def test_a_whole_model_of_another_making_is_taken(project: Path) -> None:
    scorer = loading.scorer(store.connect(None), bare(project / "m", LOGISTIC))
    assert (scorer.features, scorer.classes) == (("t", "AveExpr"), ("0", "1"))


@pytest.mark.parametrize("where", [0.2, 0.5, 0.8])
def test_a_damaged_xgboost_model_is_refused_by_a_process_of_its_own(project: Path, where: float) -> None:
    uri = bare(project / "m", XGBClassifier(n_estimators=3).fit(X, Y))
    _damage(Path(uri) / "m.skops", where)
    with pytest.raises(BadInput, match="damaged XGBoost model|cannot be read|does not answer"):
        loading.scorer(store.connect(None), uri)


def _damage(file: Path, where: float) -> None:
    """Bytes of the booster changed in an archive that is whole."""
    with ZipFile(file) as old:
        parts = {name: bytearray(old.read(name)) for name in old.namelist()}
    booster = parts[next(name for name in parts if name.endswith(".bin"))]
    start = int(where * len(booster))
    booster[start : start + 40] = bytes(255 - byte for byte in booster[start : start + 40])
    with ZipFile(file, "w") as new:
        for name, content in parts.items():
            new.writestr(name, bytes(content))


def test_a_file_that_changed_since_it_was_logged_is_refused(project: Path) -> None:
    uri, folder = logged(make_pipeline(XGBClassifier(n_estimators=3)).fit(X, Y))
    _damage(folder / "model.skops", 0.5)
    assert "has changed since it was logged" in refused(uri)


def test_an_archive_that_unpacks_to_too_much_is_refused_unread(project: Path) -> None:
    uri = bare(project / "m", LOGISTIC)
    with ZipFile(Path(uri) / "m.skops", "w", ZIP_DEFLATED) as bomb, bomb.open("schema.json", "w") as schema:
        for _ in range(300):
            schema.write(b" " * 2**20)
    assert "more than a model holds" in refused(uri)


def test_an_archive_behind_something_else_is_refused(project: Path) -> None:
    uri = bare(project / "m", LOGISTIC)
    file = Path(uri) / "m.skops"
    file.write_bytes(pickle.dumps(Evil()) + file.read_bytes())
    assert "m.skops is a pickle; not loaded" in refused(uri)


ADDRESSES = [
    "http://h/x", "https://u:PW@h/x", "s3://b/k", "gs://b/k", "databricks://u:PW", "ftp://h/x", "models:", "models:/",
    "models://", "models:/it's@champion", 'models:/"@champion', "models:/a@b@c", "models:/a/0", "models:/a/x",
    "models:/a/99999999999999999999", "runs:/", "runs:/x/y", "runs:/x", "models:/m-1", "nope", "",
    "models:/a\x1b[31m@b",
    "models:/%00@x", "/nope", "file:/nope", "mlflow-artifacts:/x",
]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_odd_address_is_one_line_without_a_password(project: Path, address: str) -> None:
    said = refused(address)
    assert said.isprintable() and "PW@" not in said


@pytest.mark.parametrize("model", MODELS)
def test_a_model_is_logged_and_loaded_where_mlflow_may_not(
    project: Path, monkeypatch: pytest.MonkeyPatch, model: str
) -> None:
    monkeypatch.setenv("MLFLOW_ALLOW_PICKLE_DESERIALIZATION", "false")
    pipeline = make_pipeline(StandardScaler(), MODELS[model]).fit(X, Y)
    uri, _ = logged(pipeline)
    loaded = loading.scorer(store.connect(None), uri).pipeline
    assert (loaded.predict(X) == pipeline.predict(X)).all()
    called = mlflow.pyfunc.load_model(uri).predict(X)["predicted"]
    assert called.tolist() == [("down", "up")[code] for code in pipeline.predict(X)]
    with pytest.raises(mlflow.MlflowException, match="Deserializing this model is disallowed"):
        mlflow.sklearn.load_model(uri)


def test_what_is_served_is_checked_too(project: Path) -> None:
    uri, folder = logged(LOGISTIC)
    skops.io.dump(make_pipeline(FunctionTransformer(os.system), LOGISTIC), folder / "model.skops")
    relist(folder, skops_trusted_types=["posix.system"])
    with pytest.raises(BadInput, match="posix.system, not on the list of trusted types"):
        mlflow.pyfunc.load_model(uri)


def test_mlflow_loads_it_as_a_scikit_learn_model(project: Path) -> None:
    uri, _ = logged(FOREST)
    np.testing.assert_array_equal(mlflow.sklearn.load_model(uri).predict_proba(X), FOREST.predict_proba(X))
