"""Control characters of a table never reach the terminal: gene names could otherwise rewrite what is shown."""

import sys
from pathlib import Path

import pytest

from commands import Done, run_command
from dge_experiments.cli import console
from dge_experiments.errors import CONTROL
from given import limma_table

pytestmark = pytest.mark.slow

EVIL = "\x1b[31m\x1b]0;title\x07\u202e\x9b2J"
RUN = ["data.path=evil.csv", "experiment=smoke", "target=column"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table with escape codes in gene names, in a column's name and in the names of the classes."""
    folder = tmp_path_factory.mktemp("evil")
    table = limma_table(80)
    table["ID"] = [f"{EVIL}g{i}" for i in range(80)]
    table[f"kind{EVIL}"] = [f"{'a' if b > 0 else 'b'}{EVIL}" for b in table["B"] + table["AveExpr"] - 8]
    table["kind"] = table[f"kind{EVIL}"]
    table.to_csv(folder / "evil.csv", index=False)
    return folder


def safe(done: Done) -> Done:
    for text in (done.stdout, done.stderr):
        found = CONTROL.search(text.translate(dict.fromkeys(map(ord, "\n\t\r"))))
        assert not found, text[max(0, found.start() - 80) : found.end() + 20].encode()
    assert "Traceback" not in done.stderr
    return done


def test_inspect_shows_no_control_characters(folder: Path) -> None:
    for form in ("text", "json"):
        assert safe(run_command(folder, "data.path=evil.csv", f"format={form}", command="inspect")).stdout


def test_a_run_and_what_is_asked_of_it_show_no_control_characters(folder: Path) -> None:
    made = [*RUN, "target.column=kind"]
    assert safe(run_command(folder, *made)).returncode == 0
    safe(run_command(folder, *made, "format=json", "verbose=true", "seed=3"))
    safe(run_command(folder, "-m", *made, "model=dummy,lasso"))
    for form in ("table", "csv", "json"):
        assert safe(run_command(folder, f"format={form}", command="compare")).stdout
    safe(run_command(folder, "gate.leak=warn", "name=m", command="register"))
    scored = ["model_uri=models:/m@champion", "data.path=evil.csv", "out=o.csv"]
    safe(run_command(folder, *scored, command="predict"))


WRONG = [
    (f"target.column=kind{EVIL}",),
    (f"data.filter=AveExpr{EVIL} > 6",),
    (f"data.columns.effect={EVIL}",),
    ("features=list", f"features.columns=[{EVIL}]"),
    (f"{EVIL}=1",),
    (f"model={EVIL}",),
    ("target.column=nope",),
    ("features=list", "features.columns=[nope]"),
]


@pytest.mark.parametrize("overrides", WRONG)
def test_a_refusal_shows_no_control_characters(folder: Path, overrides: tuple[str, ...]) -> None:
    assert safe(run_command(folder, *RUN, *overrides)).returncode == 2


def test_a_command_that_is_none_is_shown_escaped(folder: Path) -> None:
    assert safe(run_command(folder, command=EVIL)).returncode == 2


def test_named_lines_and_warnings_are_escaped_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    console.tell(run=EVIL)
    console.warn(EVIL)
    console.note(EVIL)
    shown = capsys.readouterr().out
    assert "\x1b]0" not in shown and "\x9b" not in shown and "\u202e" not in shown
    assert shown.count("\\u202e") >= 2  # a note is wrapped
