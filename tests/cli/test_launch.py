"""Headers as people write them are given on the command line without knowing Hydra's grammar."""

import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from commands import run_command
from dge_experiments.cli import signals
from dge_experiments.cli.signals import interrupt, signal_first, terminate
from dge_experiments.errors import BadInput
from dge_experiments.settings import Settings
from dge_experiments.settings.commands import Comparing, Predicting, Registration
from dge_experiments.settings.compose import quoted
from dge_experiments.tables import read
from given import limma_table, one_line


@pytest.mark.parametrize(
    "value",
    [
        "P-value (A vs C)",
        "log2(FC)",
        "P.Value < 0.05",
        "it's (no) column",
        "Student's T-test {x",
        'a "b" (c',
        "back\\'s (",
        "P [1.50]",
        "P [1e3, (2]",
    ],
)
def test_a_value_that_hydra_cannot_read_is_quoted(value: str) -> None:
    override = OverridesParser.create().parse_override(quoted(f"data.columns.p={value}", Settings))
    assert (override.key_or_group, override.value()) == ("data.columns.p", value)


@pytest.mark.parametrize(
    "argument",
    [
        "data.columns.p=P",
        "data.columns.p='P (A)'",
        "data.columns.p=null",
        "features.include=[a,'1.50']",
        "seed=1e3",
        "split.test=[21,22]",
        "features.extra=[0.5]",
        "resume=true",
        "split.test_size=0.25",
        "model.estimator.C=1e5",
        "data.group=a,b",
        "data.dialects=[a]",
        "model.space={",
        "a b",
        "-m",
    ],
)
def test_what_hydra_reads_or_is_no_data_stays(argument: str) -> None:
    assert quoted(argument, Settings) == argument


@pytest.mark.parametrize(
    "text",
    ["30054e19", "00000001", "12345678", "1.50", "1_000", "+5", "-0.0", ".5", "inf", "NaN", "2e-3", "5."],
)
@pytest.mark.parametrize(
    ("schema", "key"),
    [
        (Comparing, "runs=[{}, b]"),
        (Comparing, "runs=[a,{}]"),
        (Comparing, "question={}"),
        (Comparing, "sweep={}"),
        (Registration, "run={}"),
        (Registration, "+name={}"),
        (Predicting, "model_uri={}"),
        (Settings, "resume={}"),
        (Settings, "data.columns.p={}"),
        (Settings, "data.path={}"),
        (Settings, "target.path={}"),
        (Settings, "target.positive={}"),
        (Settings, "features.extra=[length, {} ]"),
        (Settings, "split.test=[{},X]"),
    ],
)
def test_text_that_looks_like_a_number_stays_as_it_was_typed(schema: type, key: str, text: str) -> None:
    value = OverridesParser.create().parse_override(quoted(key.format(text), schema)).value()
    assert text in map(str, value if isinstance(value, list) else [value])


def test_choices_of_a_sweep_that_look_like_numbers_stay_text() -> None:
    override = OverridesParser.create().parse_override(quoted("data.columns.p=1.50,2e3,P", Settings))
    assert list(override.sweep_string_iterator()) == ["'1.50'", "'2e3'", "P"]


def test_a_file_whose_name_holds_a_comma_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert quoted("data.path=a,b.csv", Settings) == "data.path=a,b.csv"
    limma_table(30).to_csv(tmp_path / "a,b.csv", index=False)
    assert quoted("data.path=a,b.csv", Settings) == "data.path='a,b.csv'"
    done = run_command(tmp_path, "data.path=a,b.csv", command="inspect")
    assert done.returncode == 0 and "30 rows" in done.stdout, done.stderr


@pytest.mark.parametrize(
    ("command", "argument", "said"),
    [
        ("compare", "t.csv", "t.csv: is a file; write data.path=t.csv"),
        ("", "t.csv", "t.csv: is a file; write data.path=t.csv to train on it, or inspect t.csv"),
        ("inspect", "u.csv", "u.csv: not readable as key=value"),
        ("inspect", "data.path=https://u:secret@a/t.csv", "password"),
    ],
)
def test_a_path_that_is_no_path_is_one_line(tmp_path: Path, command: str, argument: str, said: str) -> None:
    limma_table(30).to_csv(tmp_path / "t.csv", index=False)
    done = run_command(tmp_path, argument, command=command)
    assert done.returncode == 2
    assert said in one_line(done.stderr) and "secret" not in done.stderr


@pytest.mark.parametrize("words", [["a (1).csv"], ["format=text", "~/a (1).csv"]])
def test_inspect_takes_the_file_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    limma_table(30).to_csv(tmp_path / "a (1).csv", index=False)
    done = run_command(tmp_path, *words, command="inspect", HOME=str(tmp_path))
    assert done.returncode == 0 and "30 rows" in done.stdout, done.stderr


def test_the_home_folder_and_addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    limma_table(30).to_csv(tmp_path / "t.csv", index=False)
    assert len(read("~/t.csv").frame) == 30
    with pytest.raises(BadInput, match="https://a/t.csv: tables are read from files; download it first"):
        read("https://a/t.csv")


@pytest.mark.parametrize("flag", [["--config-dir", "mine"], ["--config-dir=mine"]])
def test_the_folder_that_is_named_is_taken_in_place_of_conf(tmp_path: Path, flag: list[str]) -> None:
    for folder, name in (("conf", "here"), ("mine", "there")):
        file = tmp_path / folder / "model" / f"{name}.yaml"
        file.parent.mkdir(parents=True)
        file.write_text(f"name: {name}\nestimator: {{_target_: sklearn.svm.SVC}}\n")
    there = run_command(tmp_path, *flag, "--cfg", "job", "model=there")
    assert there.returncode == 0 and "name: there" in there.stdout, there.stderr
    assert "model=here: no such model" in one_line(run_command(tmp_path, *flag, "model=here").stderr)
    assert "name: here" in run_command(tmp_path, "--cfg", "job", "model=here").stdout


@pytest.mark.parametrize("flags", [["-m", "--cfg", "job"], ["--multirun", "-c", "job"]])
def test_a_sweep_has_no_one_configuration_to_show(tmp_path: Path, flags: list[str]) -> None:
    done = run_command(tmp_path, "model=svm,dummy", *flags)
    assert done.returncode == 2 and "-m makes several" in one_line(done.stderr)


@pytest.mark.parametrize(("end", "ending"), [(interrupt, KeyboardInterrupt), (terminate, SystemExit)])
def test_a_signal_goes_before_the_error_that_it_caused(
    end: Callable[[], None], ending: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signals, "_mute_libraries", lambda: None)
    monkeypatch.setattr(signals, "ENDED_BY", [])
    with pytest.raises(ending), signal_first():
        with suppress(BaseException):  # as a library does
            end()
        raise BadInput("cannot open this store")


WHILE_HYDRA_COMPOSES = """
from hydra._internal.config_loader_impl import ConfigLoaderImpl
def load(*_, **__):
    try:
        end()
    finally:  # as omegaconf's clean-up failed once
        raise AttributeError("'NoneType' object has no attribute '_invalidate_flags_cache'")
ConfigLoaderImpl.load_configuration = load
"""
WHILE_A_COMMAND_IS_IMPORTED = """
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "omegaconf":
            end()
sys.meta_path.insert(0, Finder())
"""


@pytest.mark.parametrize("moment", [WHILE_A_COMMAND_IS_IMPORTED, WHILE_HYDRA_COMPOSES])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_command_without_a_traceback(
    tmp_path: Path, number: signal.Signals, moment: str
) -> None:
    script = f"""
import os, signal, sys
def end():
    os.kill(os.getpid(), {int(number)})
{moment}
sys.argv = ["dge_experiments", "model=svm"]
from dge_experiments.__main__ import main
main()
"""
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == {signal.SIGINT: 130, signal.SIGTERM: 143}[number]
    assert done.stderr.splitlines() == ["dge_experiments: interrupted"] * (number == signal.SIGINT)


def test_what_libraries_show_of_work_that_a_signal_broke_off_is_not_shown(tmp_path: Path) -> None:
    script = """
import logging, sqlite3, sys, threading
from dge_experiments.cli import signals
from dge_experiments.cli.signals import terminate
logging.basicConfig()
ours, theirs = logging.getLogger("dge_experiments.cli.run"), logging.getLogger("sqlalchemy.pool.impl.QueuePool")
try:
    terminate()
finally:
    try:
        sqlite3.connect(":memory:").execute("select nothing")
    except sqlite3.Error:
        theirs.error("Error closing cursor", exc_info=True)
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()
    ours.warning("kept 8 trials")
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 143
    assert done.stderr.splitlines() == ["WARNING:dge_experiments.cli.run:kept 8 trials"]


def test_an_error_without_a_signal_stays() -> None:
    with pytest.raises(BadInput, match="no such file"), signal_first():
        raise BadInput("no such file")
