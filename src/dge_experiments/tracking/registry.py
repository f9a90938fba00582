"""The model registry: the model of a run becomes a version of a registered model."""

import json
from dataclasses import dataclass

from mlflow import MlflowClient
from mlflow.entities import LoggedModel, LoggedModelStatus, Run
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.utils.mlflow_tags import MLFLOW_MODEL_VERSIONS

from dge_experiments.errors import BadInput, listed
from dge_experiments.evaluation.key import Key
from dge_experiments.evaluation.run_row import COMPARABLE, RunRow
from dge_experiments.report.records import HONEST_MODEL
from dge_experiments.tracking.chosen import Chosen
from dge_experiments.tracking.tags import leak_text

ALIASES = """\
`champion` is the version to use: it beat the constant answer, and the champion before it on the same genes.
`challenger` tied with the champion or cannot be compared with it; `previous` was champion before. The description of a
version says what it was trained on and what its score is worth; its source run has the report (`report.html`).
"""
COPIED_TAGS = ("model", "features", *COMPARABLE, "git_commit", "sweep_id")


@dataclass(frozen=True)
class Version:
    """A version of the registered model ``name``, and the run it came from."""

    name: str
    version: str
    chosen: Chosen


def register(client: MlflowClient, chosen: Chosen, name: str) -> Version:
    """Register the model of a run as a version of ``name``; if it is one already, that version is returned.

    Raises
    ------
    BadInput
        the run has not logged the model
    """
    run = chosen.run
    model = logged(client, run, chosen.honest)
    if model is None:
        missing = "honest model; run it again, or gate.leak=warn" if chosen.honest else "model"
        raise BadInput(f"run={run.info.run_id}: this run has logged no {missing}")
    for version in versions(client, f"run_id = '{run.info.run_id}'"):
        if version.name == name and (version.tags.get("reading") == "honest") == chosen.honest:
            return Version(name, str(version.version), chosen)
    try:
        client.create_registered_model(name, description=ALIASES)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    created = client.create_model_version(
        name, model.model_uri, run_id=run.info.run_id, model_id=model.model_id, tags=_tags(chosen),
        description=_description(chosen),
    )  # fmt: skip
    links = json.loads(model.tags.get(MLFLOW_MODEL_VERSIONS, "[]"))
    text = json.dumps([*links, {"name": name, "version": str(created.version)}])
    client.set_logged_model_tags(model.model_id, {MLFLOW_MODEL_VERSIONS: text})
    return Version(name, str(created.version), chosen)


def logged(client: MlflowClient, run: Run, honest: bool) -> LoggedModel | None:
    """The model that a run has logged, as given or honest; None if it has not."""
    query = f"source_run_id = '{run.info.run_id}'"
    models = client.search_logged_models([run.info.experiment_id], query)
    candidates = [
        model
        for model in models
        if str(model.name).endswith(HONEST_MODEL) == honest and model.status == LoggedModelStatus.READY
    ]
    return max(candidates, key=lambda model: model.creation_timestamp, default=None)


def versions(client: MlflowClient, query: str) -> list[ModelVersion]:
    """All model versions that match, however many there are."""
    matches: list[ModelVersion] = []
    token: str | None = None
    while True:
        page = client.search_model_versions(query, page_token=token)
        matches += page
        token = page.token
        if not token:
            return matches


def scores(chosen: Chosen) -> dict[str, str]:
    """A run's score by its metric and on the held-out genes, as text with intervals, under their names."""
    metric = chosen.metric
    test = Key(metric.metric, "test")
    reading = "honest" if chosen.honest else ""
    keys = {"score": metric, "held out": test}
    lines = {
        title: f"{key.read(reading)} {_interval(chosen.row, key)}"
        for title, key in keys.items()
        if chosen.row.score(key) is not None
    }
    constant = chosen.row.score(test.read("baseline"))
    if constant is not None and "held out" in lines:
        lines["held out"] += f", constant answer {constant:.4f}"
    if not chosen.honest and chosen.row.score(test.read("honest")) is not None and chosen.row.withheld:
        lines["honest"] = f"{test.read('honest')} {_interval(chosen.row, test.read('honest'))}"
    return lines


def _interval(row: RunRow, key: Key) -> str:
    """A score with its 95 % interval, or its standard deviation over the folds."""
    score, low, high, std = (row.score(bound) for bound in (key, *map(key.at, ("low", "high", "std"))))
    if low is not None and high is not None:
        return f"{score:.4f} [{low:.4f}, {high:.4f}]"
    return f"{score:.4f}" + (f" ± {std:.4f}" if std is not None else "")


def _description(chosen: Chosen) -> str:
    note = chosen.run.data.tags.get("mlflow.note.content", "")
    if chosen.honest:
        without = listed(chosen.without)
        return f"**The honest pipeline: fitted without {without}, which give the label away or nearly.**\n\n{note}"
    row = chosen.row
    if not row.unearned:
        return note
    if row.leaks:
        return f"**LEAK: {row.unearned}; the score is not earned.**\n\n{note}"
    return f"**Nearly the answer, though no proof of a leak: {listed(row.graded)}.**\n\n{note}"


def _tags(chosen: Chosen) -> dict[str, str]:
    """The tags of a version: what it was trained on, and its scores with intervals."""
    tags, row, metric = chosen.run.data.tags, chosen.row, chosen.metric
    bounds = {end: row.score(metric.at(end)) for end in ("low", "high", "std")}
    return {
        **{key: tags[key] for key in COPIED_TAGS if key in tags},
        "leak": leak_text(row.leak),
        **({"carries_label": leak_text(row.graded)} if row.graded else {}),
        **({"shared_rows": row.shared} if row.shared else {}),
        "reading": "honest" if chosen.honest else "as given",
        "without": leak_text(chosen.without),
        "metric": str(metric),
        "score": repr(row.score(metric)),
        **{f"score_{end}": repr(value) for end, value in bounds.items() if value is not None},
        **{title.replace(" ", "_"): text for title, text in scores(chosen).items() if title != "score"},
    }
