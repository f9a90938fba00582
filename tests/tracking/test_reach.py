"""A server that is away, hangs, is something else, or an address that holds a password: one line, soon."""

import socket
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from commands import run_command
from dge_experiments.errors import BadInput
from dge_experiments.tracking import server
from given import limma_table, one_line


class Nothing(BaseHTTPRequestHandler):
    """A web server that is no MLflow server."""

    def do_GET(self) -> None:
        self.send_error(404)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def other() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Nothing) as web:
        Thread(target=web.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{web.server_port}"
        web.shutdown()


@pytest.fixture
def hanging() -> Iterator[str]:
    """Takes connections and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.mark.parametrize(
    ("uri", "line"),
    [
        ("mysql+nope://user@h/x", "tracking.uri=mysql+nope://"),
        ("mssql://h/x", "No module named 'pyodbc'); install its driver"),
        ("foo://x", "MLflow cannot open this store"),
    ],
)
def test_a_store_that_cannot_be_opened_is_one_line(tmp_path: Path, uri: str, line: str) -> None:
    done = run_command(tmp_path, f"tracking.uri={uri}", command="compare")
    assert done.returncode == 2 and line in one_line(done.stderr)


@pytest.mark.parametrize("command", ["compare", "run"])
@pytest.mark.parametrize(
    ("store", "line"),
    [
        ("folder", "folder: is a folder; name a file in it: sqlite:///folder/mlflow.db"),
        ("text.db", "text.db: is no SQLite database; name another file, which is made"),
        ("text.db/x.db", "Not a directory: 'text.db/x.db.lock'"),
        pytest.param("/proc/x.db", "No such file or directory: '/proc/x.db.lock'",
                     marks=pytest.mark.skipif(not Path("/proc/1").is_dir(), reason="needs Linux's /proc")),
    ],
)  # fmt: skip
def test_a_database_that_cannot_be_made_is_one_line(
    tmp_path: Path, store: str, line: str, command: str
) -> None:
    limma_table(60).to_csv(tmp_path / "t.csv", index=False)
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.db").write_text("gene,logFC\n", encoding="utf-8")
    small = ["data.path=t.csv", "experiment=smoke", "explanation=none"] if command == "run" else []
    done = run_command(tmp_path, *small, f"tracking.uri=sqlite:///{store}", command=command)
    assert done.returncode == 2 and line in one_line(done.stderr)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["folder", "t.csv", "text.db"]


def test_what_is_no_mlflow_server_is_said(other: str) -> None:
    with pytest.raises(BadInput, match=f"{other}: no MLflow server answers there .its /health says 404"):
        server.check(other)


def test_a_server_that_hangs_is_one_line_within_10_seconds_of_the_start_and_leaves_nothing(
    tmp_path: Path, hanging: str
) -> None:
    begun = time.monotonic()
    assert (
        run_command(tmp_path, "modle=svm").returncode == 2
    )  # what Python itself takes, on a busy machine, too
    started = time.monotonic()
    done = run_command(tmp_path, "experiment=smoke", "tracking=server", f"tracking.uri={hanging}")
    assert time.monotonic() - started < started - begun + 10
    assert done.returncode == 2
    assert f"tracking.uri={hanging}: no MLflow server answers there (timed out)" in one_line(done.stderr)
    assert not done.stdout and not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("http://ann:secret@h:5000", "set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"),
        ("https://secret@h/prefix", "set MLFLOW_TRACKING_USERNAME"),
        ("postgresql://ann:secret@h/db", "give the address in MLFLOW_TRACKING_URI"),
    ],
)
def test_an_address_with_a_password_is_refused_and_not_repeated(uri: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=said) as caught:
        server.address(uri)
    assert "secret" not in str(caught.value) and "***@h" in str(caught.value)
    if uri.startswith("http:"):
        done = run_command(tmp_path, "experiment=smoke", "tracking=server", f"tracking.uri={uri}")
        assert done.returncode == 2 and "secret" not in done.stderr + done.stdout
        assert not list(tmp_path.iterdir())


def test_a_password_in_the_environment_is_as_good_for_a_database_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "postgresql://ann:secret@h/db")
    assert server.address(None) is None
    assert server.address("postgresql://ann@h/db") is None
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://ann:secret@h")
    with pytest.raises(BadInput, match="MLFLOW_TRACKING_URI=http://...@h: holds a user"):
        server.address(None)


def test_a_refusal_says_who_was_refused_and_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (server.USER, server.PASSWORD, server.TOKEN):
        monkeypatch.delenv(name, raising=False)
    assert "asks for a password; set MLFLOW_TRACKING_USERNAME" in server.refusal("http://h", 401, "x")
    monkeypatch.setenv(server.TOKEN, "abc")
    assert "does not accept the token" in server.refusal("http://h", 401, "x")
    monkeypatch.setenv(server.USER, "ann")
    assert "does not know user ann with this password" in server.refusal("http://h", 401, "x")
    assert "does not let user ann do this (no)" in server.refusal("http://h", 403, "no")
    assert "add h:5000 to its --allowed-hosts" in server.refusal("http://h:5000", 403, "Invalid Host header")
