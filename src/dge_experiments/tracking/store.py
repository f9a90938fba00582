"""The MLflow store: found, reached, and made once."""

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

from dge_experiments.errors import BadInput, first_line
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

    A new SQLite database is made under a file lock, because processes that make it at once die in its migrations.

    Raises
    ------
    BadInput
        a server that does not answer or does not let one in, an address that holds a password, a store that MLflow
        cannot open, a folder that was moved
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    for noisy in ("mlflow", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.getLogger("mlflow.store.db").setLevel(logging.CRITICAL)  # it logs a traceback of what it raises
    server.address(uri)
    if uri:
        mlflow.set_tracking_uri(uri)
    uri = mlflow.get_tracking_uri()
    if server.is_server(uri):
        for name, value in OVER_HTTP.items():
            os.environ.setdefault(name, value)
        server.check(uri)
    _in_place(uri)
    try:
        database = database_file(uri)
        with _locked(database) if database is not None else nullcontext():
            if database is not None and not database.exists():
                _make(uri, database)
            client = MlflowClient()
            client.search_experiments(max_results=1)
            client.search_registered_models(max_results=1)
        return client
    except (MlflowException, SQLAlchemyError, OSError, ImportError) as error:
        driver = "; install its driver" if isinstance(error, ImportError) else ""
        raise BadInput(f"{refusal(error)}{driver}") from None


def _locked(database: Path) -> FileLock:
    """A lock beside the database; OSError where no file can be made there, for which the lock would wait for ever."""
    file = database.with_name(f"{database.name}.lock")
    if not file.parent.exists():
        file.parent.mkdir(parents=True)
    file.touch()
    return FileLock(file)


def _make(uri: str, database: Path) -> None:
    """A new database, made aside and put in its place when it is whole: an interrupted start leaves none."""
    for left in database.parent.glob(f"{database.name}.*.part"):
        left.unlink()
    mark = f".{uuid.uuid4().hex[:8]}.part"
    part = database.with_name(database.name + mark)
    made: Any = SqlAlchemyStore(uri + mark, "./mlruns")  # type: ignore[no-untyped-call]
    made.engine.dispose()
    part.replace(database)


def refusal(error: Exception) -> str:
    """One line for what the store said instead of an answer, without the password that may be in it."""
    uri = mlflow.get_tracking_uri()
    status = error.get_http_status_code() if isinstance(error, MlflowException) else 500  # type: ignore[no-untyped-call]
    return server.refusal(uri, int(status), server.shown(first_line(error, 1000)))


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
    """Say on an experiment's page how it is read, where nothing stands there."""
    with suppress(MlflowException):  # a text is no reason to fail
        if not client.get_experiment(experiment_id).tags.get(MLFLOW_RUN_NOTE):
            client.set_experiment_tag(
                experiment_id, MLFLOW_RUN_NOTE, HOW_TO_READ.replace("{id}", experiment_id)
            )


def experiment_id(client: MlflowClient, name: str) -> str:
    """The MLflow experiment called ``name``, made where it is missing."""
    found = client.get_experiment_by_name(name)
    if found is not None:
        if found.lifecycle_stage == "deleted":
            raise BadInput(
                f"the MLflow experiment {name} was deleted; bring it back with mlflow experiments restore "
                f"--experiment-id {found.experiment_id}, or choose another name with data.name=NAME"
            )
        return str(found.experiment_id)
    try:
        return str(client.create_experiment(name))
    except MlflowException:
        found = client.get_experiment_by_name(name)
        if found is None:
            raise
        return str(found.experiment_id)


def ui() -> tuple[str, str]:
    """Where this store's UI is, and the command that starts it ("" where a server runs already)."""
    uri = mlflow.get_tracking_uri()
    if server.is_server(uri):
        return uri.rstrip("/"), ""
    command = "mlflow ui" if shutil.which("mlflow") else f"{Path(sys.executable).parent / 'mlflow'} ui"
    return "http://127.0.0.1:5000", command if database_file(
        uri
    ) == Path.cwd() / "mlflow.db" else f"{command} --backend-store-uri {server.shown(uri)}"


def _in_place(uri: str) -> None:
    """Refuse a store that was moved: MLflow would not find its artifacts and write new ones to the old place."""
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
