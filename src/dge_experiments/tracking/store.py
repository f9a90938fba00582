"""The MLflow store: connect to it, and create a new database once."""

import logging
import os
import shlex
import shutil
import sys
import uuid
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

import mlflow
from filelock import FileLock
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
from mlflow.utils.mlflow_tags import MLFLOW_RUN_NOTE
from sqlalchemy.exc import SQLAlchemyError

from dge_experiments.errors import BadInput, first_line, without_password
from dge_experiments.tracking import server
from dge_experiments.tracking.folder import check, database_file, old_place

QUIET = {
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}
OVER_HTTP = {  # the journal waits, not the search
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
}


def connect(uri: str | None) -> MlflowClient:
    """A client of the store at ``uri``; default: MLflow's own choice for this directory and environment.

    A new SQLite database is created under a file lock: processes that create it at the same time fail in its
    migrations.

    Raises
    ------
    BadInput
        a server that does not answer or refuses the user, an address that holds a password, a store that MLflow
        cannot open, a folder that was moved
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    for noisy in ("mlflow", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.getLogger("mlflow.store.db").setLevel(logging.CRITICAL)  # it logs tracebacks of what it raises
    server.address(uri)
    if uri:
        mlflow.set_tracking_uri(uri)
    uri = mlflow.get_tracking_uri()
    if server.is_server(uri):
        for name, value in OVER_HTTP.items():
            os.environ.setdefault(name, value)
        server.check(uri)
    _check_not_moved(uri)
    try:
        database = database_file(uri)
        with _locked(database) if database is not None else nullcontext():
            if database is not None and not database.exists():
                _create(uri, database)
            client = MlflowClient()
            client.search_experiments(max_results=1)
            client.search_registered_models(max_results=1)
        return client
    except (MlflowException, SQLAlchemyError, OSError, ImportError) as error:
        driver = "; install its driver" if isinstance(error, ImportError) else ""
        raise BadInput(f"{refusal(error)}{driver}") from None


def _locked(database: Path) -> FileLock:
    """A file lock beside the database. OSError if no file can be created there: the lock would wait for ever."""
    file = database.with_name(f"{database.name}.lock")
    if not file.parent.exists():
        file.parent.mkdir(parents=True)
    file.touch()
    return FileLock(file)


def _create(uri: str, database: Path) -> None:
    """Create a database under a temporary name and rename it when complete, so an interrupted start leaves none."""
    for partial in database.parent.glob(f"{database.name}.*.part"):
        partial.unlink()
    suffix = f".{uuid.uuid4().hex[:8]}.part"
    part = database.with_name(database.name + suffix)
    try:
        store: Any = SqlAlchemyStore(uri + suffix, "./mlruns")  # type: ignore[no-untyped-call]
        store.engine.dispose()
        part.replace(database)
    finally:
        part.unlink(missing_ok=True)


def refusal(error: Exception) -> str:
    """One line for an error of the store, without the password that may be in it."""
    uri = mlflow.get_tracking_uri()
    status = error.get_http_status_code() if isinstance(error, MlflowException) else 500  # type: ignore[no-untyped-call]
    return server.refusal(uri, int(status), without_password(first_line(error, 1000)))


HOW_TO_READ = """\
[**The runs**](#/experiments/{id}/runs?workflowType=machine_learning), with their scores under *Views* (top right).

Tuned models have the tag `role = model`: filter by it and sort by `bbc/<scoring>`, which has not seen the held-out
genes. Runs under them are trials of their search; `leaderboard-...` compares the models of one command.

`test/...` are scores on held-out genes with a 95 % interval (`_low`, `_high`), `honest/...` those of the model without
the features that give the label away (tag `leak`), `baseline/...` those of the constant answer. All numbers of a run
are in `metrics.csv`, everything about it is in `report.html`. `dge-experiments compare` ranks what may be compared:
equal `data_digest`, `target`, `rule` and `split_hash`.
"""


def explain(client: MlflowClient, experiment_id: str) -> None:
    """Describe on an experiment's page how to read it, unless it has a description."""
    with suppress(MlflowException):  # a missing description must not fail a run
        if not client.get_experiment(experiment_id).tags.get(MLFLOW_RUN_NOTE):
            client.set_experiment_tag(
                experiment_id, MLFLOW_RUN_NOTE, HOW_TO_READ.replace("{id}", experiment_id)
            )


def experiment_id(client: MlflowClient, name: str) -> str:
    """The id of the MLflow experiment ``name``, which is created if missing."""
    experiment = client.get_experiment_by_name(name)
    if experiment is not None:
        if experiment.lifecycle_stage == "deleted":
            raise BadInput(
                f"the MLflow experiment {name} was deleted; bring it back with mlflow experiments restore "
                f"--experiment-id {experiment.experiment_id}, or choose another name with data.name=NAME"
            )
        return str(experiment.experiment_id)
    try:
        return str(client.create_experiment(name))
    except MlflowException:
        experiment = client.get_experiment_by_name(name)
        if experiment is None:
            raise
        return str(experiment.experiment_id)


def ui() -> tuple[str, str]:
    """The address of this store's UI, and the command that starts it ("" if a server already runs)."""
    uri = mlflow.get_tracking_uri()
    if server.is_server(uri):
        return uri.rstrip("/"), ""
    command = "mlflow ui" if shutil.which("mlflow") else f"{Path(sys.executable).parent / 'mlflow'} ui"
    return "http://127.0.0.1:5000", command if database_file(
        uri
    ) == Path.cwd() / "mlflow.db" else f"{command} --backend-store-uri {without_password(uri)}"


def _check_not_moved(uri: str) -> None:
    """Refuse a store that was moved: MLflow would not find its artifacts and would write new ones to the old folder."""
    database = database_file(uri)
    if database is None:
        return
    check(database)
    if not database.is_file():
        return
    old = old_place(database)
    if old is not None:
        raise BadInput(
            f"{database}: was moved here from {old}, and MLflow looks for its artifacts there; mend it with "
            f"python -m dge_experiments relocate {shlex.quote(str(database.parent.resolve()))}"
        )
