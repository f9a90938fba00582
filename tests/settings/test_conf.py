"""Every YAML in conf/ composes, fits the schema, and names an estimator that can be made."""

from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from hydra.utils import instantiate

from dge_experiments.errors import BadInput
from dge_experiments.search import parameters, space
from dge_experiments.settings import Inspection, Settings, conf_folder, read
from dge_experiments.settings.commands import Registration
from dge_experiments.settings.conf import own_folder
from dge_experiments.settings.usage import usage
from given import GROUPS, REPOSITORY, settings

FILES = [(g, f.stem) for g in GROUPS for f in sorted((conf_folder() / g).glob("*.yaml"))]
CHOICES = [(g, name) for g, name in FILES if not name.startswith("_")]
NEEDED = ["data.path=x.csv"], ["features.columns=[B]"], ["tracking.uri=http://h"]
REQUIRED = {
    ("data", "table"): NEEDED[0],
    ("data", "seed"): NEEDED[0],
    ("target", "replication"): ["target.path=x.csv"],
    ("target", "column"): ["target.column=x"],
    ("features", "list"): NEEDED[1],
    ("split", "by_column"): ["split.by=x", "split.test=[y]"],
    ("tracking", "server"): NEEDED[2],
}


def test_every_group_is_in_the_schema() -> None:
    folders = {f.name for f in conf_folder().iterdir() if f.is_dir()}
    assert folders - {"experiment", "dialects", "local"} == set(GROUPS)


@pytest.mark.parametrize(("group", "choice"), CHOICES, ids=lambda v: str(v))
def test_each_choice_composes(group: str, choice: str) -> None:
    chosen = settings(f"{group}={choice}", *REQUIRED.get((group, choice), []))
    assert isinstance(chosen, Settings)


@pytest.mark.parametrize("choice", [c for c in REQUIRED if c[0] != "target"], ids=lambda v: "-".join(v))
def test_what_must_be_given_is_named(choice: tuple[str, str]) -> None:
    key = REQUIRED[choice][0].split("=")[0]
    with pytest.raises(BadInput, match=f"{key}: must be given"):
        settings("=".join(choice))


@pytest.mark.parametrize("file", sorted((conf_folder() / "experiment").glob("*.yaml")), ids=lambda f: f.stem)
def test_each_experiment_composes(file: Path) -> None:
    settings(f"experiment={file.stem}", *(NEEDED[0] if file.stem == "published" else []))


@pytest.mark.parametrize("model", [c for g, c in CHOICES if g == "model"])
def test_each_model_can_be_made_and_has_its_space(model: str) -> None:
    chosen = settings(f"model={model}").model
    dimensions = space.parse(chosen.space)
    parameters.check(dimensions, instantiate(chosen.estimator))
    assert len(space.grid(dimensions)) >= 1
    assert chosen.name == model


def test_the_published_grid_has_54_points() -> None:
    points = space.grid(space.parse(settings("model=random_forest").model.space))
    assert len(points) == 54
    assert sorted({p["n_estimators"] for p in points}) == [50, 100, 200]
    assert {p["max_depth"] for p in points} == {None, 5, 10}
    assert sorted({p["min_samples_split"] for p in points}) == [2, 5]
    assert sorted({p["min_samples_leaf"] for p in points}) == [1, 2, 4]


def test_the_other_commands_compose() -> None:
    with initialize_config_dir(str(conf_folder()), version_base="1.3"):
        assert read(compose("register"), Registration).gate.leak == "honest"
        assert read(compose("inspect", ["data.path=x.csv"]), Inspection).format is None


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("+foo=1", "foo: no such key"),
        ("+search.n_trails=1", "did you mean search.n_trials"),
        ("+model.C=1", r"a parameter of the estimator is \+model.estimator.C=VALUE"),
        ("+model.titel=1", "did you mean model.title"),
        ("split.folds=many", "split.folds=many: must be a whole number"),
    ],
)
def test_a_key_or_value_outside_the_schema_fails(override: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        settings(override)


def test_a_whole_number_may_be_written_with_a_point() -> None:
    found = settings("search.n_trials=3.0", "seed=7.0")
    assert (found.search.n_trials, found.seed) == (3, 7) and type(found.seed) is int
    with pytest.raises(BadInput, match=r"search.n_trials=2.5: must be a whole number or null"):
        settings("search.n_trials=2.5")


def _folder_with(*files: str) -> None:
    for file in map(Path, files):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("name: mine\nestimator: {_target_: sklearn.svm.LinearSVC}\n")


@pytest.mark.parametrize(
    ("files", "path", "used"),
    [
        (["conf/model/mine.yaml"], "t.csv", "conf"),
        (["conf/local/default.yaml"], "t.csv", "conf"),
        (["cohort/conf/model/mine.yaml"], "cohort/t.csv", "cohort/conf"),
        (["cohort/conf/model/mine.yaml"], "'cohort/t.csv'", "cohort/conf"),
        (["cohort/conf/model/mine.yaml"], "t.csv,cohort/t.csv", "cohort/conf"),
        (["conf/model/mine.yaml", "cohort/conf/model/mine.yaml"], "cohort/t.csv", "conf"),
        (["cohort/conf/model/mine.yaml"], "t.csv", None),
        (["cohort/conf/model/mine.yaml", "cohort/conf/local/default.yaml"], "cohort/t.csv", None),
        (["conf/config.yaml", "conf/model/mine.yaml"], "t.csv", None),
        (["conf/nginx.yaml", "conf/dialects/mine.yaml"], "t.csv", None),
        ([], "~nobody-of-that-name/t.csv", None),
        ([], f"{'a' * 5000}/t.csv", None),
        ([], "bundled:all_discovery", None),
    ],
)
def test_a_conf_of_ones_own_here_or_beside_the_table_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: list[str], path: str, used: str | None
) -> None:
    monkeypatch.chdir(tmp_path)
    _folder_with(*files)
    assert own_folder(["seed=1", f"data.path={path}"]) == (None if used is None else Path(used))


def test_in_a_checkout_conf_is_the_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)
    assert own_folder(["data.path=README.md"]) is None


def test_settings_are_composed_from_ones_own_conf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "it's a, (new) folder=1"
    _folder_with(str(folder / "conf/model/mine.yaml"))
    monkeypatch.chdir(folder)
    assert settings("model=mine").model.estimator["_target_"] == "sklearn.svm.LinearSVC"
    assert "lasso  logistic_regression  mine  [random_forest]" in usage("config")
    with pytest.raises(BadInput, match="model=mine: no such model"):
        monkeypatch.chdir(tmp_path)
        settings("model=mine")
