"""A real MLflow server, a model that it serves, and a real PostgreSQL for tests: started, killed, started again."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

CLEAN = {k: v for k, v in os.environ.items() if not k.startswith(("MLFLOW_", "PYTEST_"))}


class Server:
    """``mlflow server`` with one worker on a loopback port; ``options`` and ``environment`` are added."""

    def __init__(self, folder: Path, backend: str, *options: str, **environment: str) -> None:
        self.port = free_port()
        self.folder, self.uri = folder, f"http://127.0.0.1:{self.port}"
        self.command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1"]
        self.command += ["--port", str(self.port), "--backend-store-uri", backend, "--workers", "1"]
        self.command += ["--artifacts-destination", str(folder / "artifacts"), *options]
        self.environment = {**CLEAN, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", **environment}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.folder / "server.log").open("a") as log:
            self.process = subprocess.Popen(
                self.command, cwd=self.folder, stdout=log, stderr=log, start_new_session=True, env=self.environment
            )  # fmt: skip
        limit = time.time() + 120
        while time.time() < limit:
            try:
                urlopen(f"{self.uri}/health", timeout=1).close()
                return
            except OSError:
                time.sleep(0.2)
        raise RuntimeError((self.folder / "server.log").read_text())

    def kill(self) -> None:
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


def cached_auth(folder: Path) -> dict[str, str]:
    """Basic auth that hashes a password once a minute, as docs/server.md says, and not at every request."""
    documented = (Path(__file__).parents[1] / "docs" / "basic_auth.ini").read_text()
    file = folder / "basic_auth.ini"
    file.write_text(documented.replace("/srv/mlflow", str(folder)))
    return {"MLFLOW_AUTH_CONFIG_PATH": str(file)}


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def binaries() -> Path | None:
    """The folder of the newest PostgreSQL's programs; None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


@contextmanager
def postgresql() -> Iterator[str]:
    """A PostgreSQL of our own in a temporary folder: its SQLAlchemy URI."""
    bin_folder = binaries()
    if bin_folder is None:
        raise RuntimeError("needs PostgreSQL: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))  # pytest's own folders are closed to other users
    as_user = {"user": "postgres"} if os.geteuid() == 0 else {}
    if as_user:  # PostgreSQL does not run as root
        shutil.chown(folder, "postgres")
    port = str(free_port())
    subprocess.run([bin_folder / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust"],
                   check=True, capture_output=True, cwd=folder, **as_user)  # type: ignore[call-overload]  # fmt: skip
    process = subprocess.Popen(
        [bin_folder / "postgres", "-D", folder / "data", "-p", port, "-k", str(folder), "-h", "127.0.0.1"],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **as_user,
    )  # type: ignore[call-overload]  # fmt: skip
    try:
        ready = [bin_folder / "pg_isready", "-h", "127.0.0.1", "-p", port, "-t", "1"]
        if not any(
            subprocess.run(ready, capture_output=True, check=False).returncode == 0 for _ in range(200)
        ):
            raise RuntimeError("PostgreSQL does not come up")
        yield f"postgresql+psycopg2://postgres@127.0.0.1:{port}/postgres"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
        shutil.rmtree(folder)


def mlflow_models(*arguments: str) -> tuple[list[str], dict[str, str]]:
    """The command ``mlflow models`` and its environment: the interpreter of the tests comes first on the path."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{CLEAN['PATH']}"
    command = [sys.executable, "-m", "mlflow", "models", *arguments, "--env-manager", "local"]
    return command, {**CLEAN, "PATH": path}


@contextmanager
def serving(folder: Path, uri: str, **environment: str) -> Iterator[str]:
    """``mlflow models serve`` of a model on a free loopback port; the address that answers requests."""
    port = free_port()
    command, clean = mlflow_models("serve", "-m", uri, "--host", "127.0.0.1", "--port", str(port))
    with (folder / "serve.log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=log, start_new_session=True, env={**clean, **environment}
        )  # fmt: skip
    try:
        limit = time.monotonic() + 240
        while True:
            try:
                urlopen(f"http://127.0.0.1:{port}/ping", timeout=2).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > limit:
                    raise RuntimeError((folder / "serve.log").read_text()) from None
                time.sleep(0.5)
        yield f"http://127.0.0.1:{port}/invocations"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)


def post(url: str, columns: Mapping[str, list[Any]]) -> tuple[int, dict[str, Any]]:
    """One request for the rows of these columns: status and answer."""
    frame = {"columns": list(columns), "data": [list(row) for row in zip(*columns.values(), strict=True)]}
    asked = Request(
        url, json.dumps({"dataframe_split": frame}).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urlopen(asked, timeout=60) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        return error.code, json.load(error)
