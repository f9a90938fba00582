"""The command line in tests: in this process, unless the process is the point."""

import contextlib
import io
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import mlflow
from hydra.core.hydra_config import HydraConfig

from dge_experiments.cli.command import main

Done = subprocess.CompletedProcess[str]
KEPT = ("MLFLOW_", "PYTEST_")  # what a command started by a test must not inherit


def run_command(folder: Path, *arguments: str, command: str = "", **environment: str) -> Done:
    """``dge-experiments [command] arguments`` in ``folder``, in this process: it saves the imports."""
    words = ["dge-experiments", *filter(None, [command]), *arguments]
    out, err = io.StringIO(), io.StringIO()
    with (
        _as_a_process(folder, words, environment),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = _exit_code()
    return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())


def start_command(
    folder: Path, *arguments: str, command: str = "", python: str = sys.executable, **environment: str
) -> Done:
    """The same as a process of its own."""
    words = [python, "-m", "dge_experiments", *filter(None, [command]), *arguments]
    clean = {k: v for k, v in os.environ.items() if not k.startswith(KEPT)}
    return subprocess.run(
        words,
        cwd=folder,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def _exit_code() -> int:
    try:
        main()
    except SystemExit as left:
        return int(left.code or 0) if not isinstance(left.code, str) else 1
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


@contextlib.contextmanager
def _as_a_process(folder: Path, words: list[str], environment: dict[str, str]) -> Iterator[None]:
    """Working directory, arguments, environment and MLflow's address as a new process has them."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(KEPT)}
    terminate, interrupt = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    uri = mlflow.get_tracking_uri()
    with (
        contextlib.chdir(folder),
        mock.patch.dict(os.environ, {**clean, **environment}, clear=True),
        mock.patch.object(sys, "argv", words),
    ):
        mlflow.set_tracking_uri(None)  # type: ignore[arg-type]
        os.environ.update(environment)  # MLflow takes its address out
        try:
            yield
        finally:
            if mlflow.active_run() is not None:
                mlflow.end_run()
            mlflow.set_tracking_uri(uri)
            HydraConfig.instance().cfg = None  # else the next test has this command's folders
            signal.signal(signal.SIGTERM, terminate)
            signal.signal(signal.SIGINT, interrupt)
