"""The process that writes a run: its identity, whether it is still running, whether another one has taken over."""

import os
import platform
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from mlflow import MlflowClient
from mlflow.entities import Run
from mlflow.exceptions import MlflowException

BEAT_SECONDS = 60.0
LOST_SECONDS = 600.0  # without a heartbeat a process on another machine counts as dead


def process_tags() -> dict[str, str]:
    """Tags that identify the process that writes a run; ``writer`` is unique to each call."""
    return {
        "host": socket.gethostname(),
        "machine": _machine(),
        "pid": str(os.getpid()),
        "process_start": _start(os.getpid()),
        "heartbeat": f"{time.time():.0f}",
        "writer": uuid.uuid4().hex,
    }


def alive(run: Run) -> bool:
    """Whether the process of a run may still be running: by its pid on this machine, by its heartbeat on another."""
    tags = run.data.tags
    if run.info.status != "RUNNING" or "pid" not in tags:
        return bool(run.info.status == "RUNNING")
    if here(run):
        return psutil.pid_exists(int(tags["pid"])) and _start(int(tags["pid"])) == tags.get("process_start")
    return time.time() - float(tags.get("heartbeat", "inf")) < LOST_SECONDS


def here(run: Run) -> bool:
    """Whether the process of a run is, or was, on this machine."""
    tags = run.data.tags
    return tags.get("host") == socket.gethostname() and tags.get("machine", _machine()) == _machine()


def owned(client: MlflowClient, run_id: str, writer: str) -> bool:
    """Whether ``writer`` still owns the run; resuming a run makes another process its writer."""
    return bool(client.get_run(run_id).data.tags.get("writer", writer) == writer)


@contextmanager
def heartbeat(client: MlflowClient, run_id: str) -> Iterator[None]:
    """Write the time to the run's tag ``heartbeat`` every minute."""
    stop = threading.Event()

    def beat() -> None:
        while not stop.wait(BEAT_SECONDS):
            with suppress(MlflowException, OSError):  # the store is unreachable; the next beat may succeed
                client.set_tag(run_id, "heartbeat", f"{time.time():.0f}")

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _machine() -> str:
    """Where a pid is unique: on one boot of a machine and, on Linux, in one PID namespace (a container)."""
    boot, namespace = Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid")
    if not boot.is_file():
        return platform.node()
    return f"{boot.read_text().strip()[:8]} {namespace.readlink().name if namespace.is_symlink() else ''}".strip()


def _start(pid: int) -> str:
    """When a process started, "" if it does not exist: the system may give its pid to a later process."""
    try:
        return f"{psutil.Process(pid).create_time():.2f}"
    except psutil.Error:
        return ""
