"""A real MLflow server for tests: started, killed, started again."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

CLEAN = {k: v for k, v in os.environ.items() if not k.startswith(("MLFLOW_", "PYTEST_"))}


class Server:
    """``mlflow server`` with one worker on a loopback port; ``options`` and ``environment`` are added."""

    def __init__(self, folder: Path, backend: str, *options: str, **environment: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
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
