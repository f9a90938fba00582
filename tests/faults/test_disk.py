"""A disk that is full, a folder that cannot be written, no home: one line, nothing lost, and afterwards it is resumed.

``make faults`` runs the long form (DGE_FAULTS=1); docs/reliability.md has the counts.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import mlflow
import pytest

from commands import run_command
from given import limma_table, one_line
from whole import CLEAN, COMMAND, LONG, RUN, is_whole

pytestmark = pytest.mark.slow

SIZES = [1, 2, 3, 4, 5, 6, 8, 10, 12, 16] if LONG else [4]  # megabytes
MOUNTS = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0 or not shutil.which("unshare"),
    reason="mounts small disks: root",
)
DGE = " ".join(COMMAND)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    limma_table(120).to_csv(tmp_path / "t.csv", index=False)
    return tmp_path


def shell(folder: Path, *steps: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Steps in a mount namespace of their own, up to the first that fails."""
    command = ["unshare", "-m", "sh", "-c", " && ".join(steps)]
    return subprocess.run(
        command, cwd=folder, env={**CLEAN, **environment}, capture_output=True, text=True, timeout=600
    )


def refused(done: "subprocess.CompletedProcess[str]") -> bool:
    """Whether it ended in one line, rather than well."""
    assert "Traceback" not in done.stderr and done.returncode in (0, 2), done.stderr
    return done.returncode == 2 and bool(one_line(done.stderr))


def resumed(folder: Path) -> None:
    done = run_command(folder, *RUN, "resume=true")
    if "no unfinished run" in done.stderr:
        done = run_command(folder, *RUN)
    assert done.returncode == 0, done.stderr
    is_whole(folder)


@MOUNTS
@pytest.mark.parametrize("megabytes", SIZES)
def test_a_full_disk_is_one_line_and_with_more_room_it_is_resumed(folder: Path, megabytes: int) -> None:
    small, kept = folder / "small", folder / "kept"
    small.mkdir()
    done = shell(
        folder,
        f"mount -t tmpfs -o size={megabytes}m none {small}",
        f"cp t.csv {small}",
        f"cd {small}",
        f"{{ {DGE} {' '.join(RUN)}; code=$?; cp -r {small} {kept}; exit $code; }}",
    )
    print(f"{megabytes} MB: {done.stderr or 'was enough'}")
    refused(done)
    small.rmdir()
    kept.rename(small)
    resumed(small)


@MOUNTS
def test_a_full_folder_for_the_outputs_is_one_line(folder: Path) -> None:
    (folder / "outputs").mkdir()
    done = shell(folder, "mount -t tmpfs -o size=64k none outputs", f"{DGE} {' '.join(RUN)}")
    assert refused(done)
    resumed(folder)


TEMPORARY = {
    "full": "mount -t tmpfs -o size=16k none tmp",
    "not writable": "mount --bind tmp tmp && mount -o remount,ro,bind tmp",
}


@MOUNTS
@pytest.mark.parametrize("fault", TEMPORARY)
@pytest.mark.parametrize("workers", [1, 2] if LONG else [2])
def test_no_room_for_temporary_files_is_one_line_or_no_matter(folder: Path, fault: str, workers: int) -> None:
    (folder / "tmp").mkdir()
    run = " ".join([*RUN, f"compute.workers={workers}"])
    done = shell(folder, TEMPORARY[fault], f"{DGE} {run}", TMPDIR=str(folder / "tmp"))
    print(done.stderr or "no matter")
    refused(done)
    resumed(folder)


@MOUNTS
def test_a_folder_that_cannot_be_written_is_one_line(folder: Path) -> None:
    done = shell(
        folder,
        f"mount --bind {folder} {folder}",
        f"mount -o remount,ro,bind {folder}",
        f"cd {folder}",
        f"{DGE} {' '.join(RUN)}",
    )
    assert refused(done)
    assert [file.name for file in folder.iterdir()] == ["t.csv"]
    resumed(folder)


@pytest.mark.parametrize("home", [None, "/nowhere", "/dev/null"] if LONG else [None])
def test_without_a_home_it_runs(folder: Path, home: str | None) -> None:
    clean = {k: v for k, v in CLEAN.items() if k not in ("HOME", "XDG_CACHE_HOME")}
    given = clean if home is None else {**clean, "HOME": home}
    done = subprocess.run(
        [*COMMAND, *RUN, "model=dummy"], cwd=folder, env=given, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0 and not done.stderr, done.stderr
    assert mlflow.MlflowClient(f"sqlite:///{folder / 'mlflow.db'}").search_experiments()
