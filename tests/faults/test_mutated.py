"""Tables and command lines that were damaged at random: used, or refused in one line; never a traceback.

The short form takes 150 tables and 40 lines, the long one (DGE_FAULTS=1) 5,000 and 1,000; each from a seed of its own.
"""

import gzip
import math
import signal
import string
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from commands import run_command
from dge_experiments import tables
from dge_experiments.errors import CONTROL, BadInput
from dge_experiments.experiment.plan import prepare
from dge_experiments.settings import Settings, plain
from dge_experiments.settings.estimator import estimator
from given import limma_table, one_line, settings
from whole import LONG

pytestmark = pytest.mark.slow

TABLES, LINES = (5000, 1000) if LONG else (150, 40)
CHUNKS = 20 if LONG else 2
SECONDS = 120  # of processor time for one table or line

CELLS = [
    "",
    "NA",
    "NaN",
    "Inf",
    "-Inf",
    "1e999",
    "-1e-999",
    "1,5",
    "1.5.2",
    "--3",
    "<0.001",
    "=1+1",
    "'",
    '"',
    '""',
    "\x00",
    "\x1b[31mred",
    "\u202egene",
    "\ufeff",
    "x" * 5_000,
    "9" * 400,
    "0x1p3",
    "\uff11\uff12",
    "1 000",
    "5%",
    "TRUE",
    "#REF!",
    "<script>",
    "a,b;c\td",
    "a\nb",
    "NULL",
    "0",
    "-0.0",
    "2",
    "1e-320",
    "\u0663",
    "None",
]
HEADERS = [
    *CELLS,
    "logFC",
    "P.Value",
    "adj.P.Val",
    "padj",
    "pvalue",
    "log2FoldChange",
    "t",
    "stat",
    "gene",
    "ID",
    "B",
    "AveExpr",
    "baseMean",
    "FDR",
    "logfc",
    "Log2 Fold Change",
    "P.Value.1",
    "__class__",
    "index",
]


@contextmanager
def limited(seconds: int) -> Iterator[None]:
    """An error where it takes more processor time than that: a hang."""

    def hangs(*_: object) -> None:
        raise RuntimeError(f"takes more than {seconds} s")

    before = signal.signal(signal.SIGVTALRM, hangs)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def base(rng: np.random.Generator) -> tuple[str, bytes]:
    """A good table in one of the formats that people publish, and how its file is called."""
    frame = limma_table(int(rng.integers(20, 80)), seed=int(rng.integers(9)))
    if rng.random() < 0.4:
        frame = frame.rename(columns={"ID": "", "logFC": "log2FoldChange", "P.Value": "pvalue", "adj.P.Val": "padj",
                                      "AveExpr": "baseMean", "t": "stat", "B": "lfcSE"}).assign(lfcSE=0.5)  # fmt: skip
    separator = str(rng.choice([",", "\t", ";"]))
    text = frame.to_csv(index=False, sep=separator, quoting=int(rng.integers(0, 3)))
    encoded = text.encode(str(rng.choice(["utf-8", "utf-16", "latin-1", "utf-8-sig"])))
    return ("t.csv.gz", gzip.compress(encoded)) if rng.random() < 0.1 else ("t.csv", encoded)


def bytes_flipped(content: bytes, rng: np.random.Generator) -> bytes:
    changed = bytearray(content)
    for _ in range(int(rng.integers(1, 9))):
        changed[rng.integers(len(changed))] = int(rng.integers(256))
    return bytes(changed)


def a_part_moved(content: bytes, rng: np.random.Generator) -> bytes:
    a, b, c = sorted(int(each) for each in rng.integers(len(content), size=3))
    parts = [
        content[:a],
        content[:a] + content[b:],
        content[:b] + content[a:],
        content[:a] + content[b:c] + content[a:b],
    ]
    return parts[rng.integers(len(parts))] + bytes(rng.integers(0, 256, rng.integers(0, 4), dtype=np.uint8))


def cells_replaced(content: bytes, rng: np.random.Generator) -> bytes:
    text = content.decode("latin-1")
    separator = max(",\t;", key=text.count)
    lines = [line.split(separator) for line in text.split("\n")]
    for _ in range(int(rng.integers(1, 6))):
        row = lines[0 if rng.random() < 0.4 else rng.integers(len(lines))]
        pool = HEADERS if row is lines[0] else CELLS
        row[rng.integers(len(row))] = pool[rng.integers(len(pool))]
    return "\n".join(separator.join(line) for line in lines).encode("utf-8", "surrogatepass")


def lines_changed(content: bytes, rng: np.random.Generator) -> bytes:
    lines = content.split(b"\n")
    for _ in range(int(rng.integers(1, 5))):
        i, j = int(rng.integers(len(lines))), int(rng.integers(len(lines)))
        match rng.integers(5):
            case 0:
                lines[i], lines[j] = lines[j], lines[i]
            case 1:
                lines.insert(i, lines[j])
            case 2:
                lines[i] = lines[i] + b"," + lines[j]
            case 3:
                lines.insert(i, bytes(rng.choice(list(b"#!,;\t \"'"), 5).tolist()))
            case 4:
                lines = lines[:i] + lines[i + 1 :] or [b""]
    ending = (b"\n", b"\r\n", b"\r", b"\n\n")[rng.integers(4)]
    return ending.join(lines)


def columns_repeated(content: bytes, rng: np.random.Generator) -> bytes:
    times = int(rng.choice([2, 3, 30]))
    return b"\n".join(b",".join([line] * times) for line in content.split(b"\n"))


MUTATIONS: list[Callable[[bytes, np.random.Generator], bytes]] = [
    bytes_flipped, a_part_moved, cells_replaced, cells_replaced, lines_changed, columns_repeated,
]  # fmt: skip


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_mutated_table_is_read_or_refused_in_one_line(tmp_path: Path, chunk: int) -> None:
    read = refused = 0
    for number in range(chunk, TABLES, CHUNKS):
        rng = np.random.default_rng([18, number])
        name, content = base(rng)
        for _ in range(1 + int(rng.random() < 0.2)):
            content = MUTATIONS[rng.integers(len(MUTATIONS))](content or b" ", rng)
        file = tmp_path / name
        file.write_bytes(content)
        try:
            with limited(SECONDS):
                table = tables.read(file)
                tables.describe(table)
                if number % 20 == 0:
                    chosen = settings(f"data.path={file}", "data=table", "split.folds=2")
                    prepare(chosen, estimator(chosen.model))
        except BadInput as error:
            said = str(error)
            assert said and not CONTROL.search(said) and len(said) < 3000, (number, said)
            refused += 1
        except Exception as error:
            raise AssertionError(f"table {number}: {type(error).__name__}: {error}") from error
        else:
            values = table.frame[table.features].to_numpy(dtype=float)
            assert len(table.frame) and np.isfinite(values).all(), number
            read += 1
    print(f"{read} read, {refused} refused")
    assert read and refused


GOOD = [
    line.split()
    for line in """
model=lasso model.space.C.low=0.1
model=random_forest model.max_rows=60 model.final_fit=all
+model.estimator.max_iter=200 ~model.space.C
search=random search.n_trials=4 search.batch=3 search.racing=true search.timeout=60 search.scoring=roc_auc
split.folds=3 split.test_size=0.25 split.seed=7 seed=5
split=grouped split.by=gene
features=list features.columns=[AveExpr,B]
target=regulation target.lfc=0.5 target.fdr=0.3
target=column target.column=kind
evaluation=repeated evaluation.repeats=2
evaluation=permutation evaluation.permutations=19
evaluation=nested evaluation.outer_folds=3
calibration=sigmoid threshold=auto leak.policy=drop
decision.top=20 decision.rate=0.4
explanation.methods=[dominance] explanation.max_rows=200
compute.workers=1 tracking.patience=3 sweep_id=s
data.missing=drop data.columns.effect=logFC data.dialect=limma data.encoding=utf-8 data.name=mine
data.filter=AveExpr>6 data.ignore=[no_id]
verbose=false quiet=true format=json
""".strip().splitlines()
]
WORDS = [word for line in GOOD for word in line]
VALUES = [
    "-1",
    "0",
    "1",
    "1e308",
    "nan",
    "inf",
    "-inf",
    "null",
    "true",
    "''",
    "'",
    '"',
    "[",
    "]",
    "{",
    "[]",
    "{}",
    "[[1]]",
    "{a: 1}",
    "${seed}",
    "${nothing}",
    "${oc.env:HOME}",
    "???",
    "1.5",
    "1,2",
    "a b",
    "\x1b[31m",
    "\x00",
    "\u202e",
    "../x",
    "..",
    "nope",
    "x" * 5000,
    "1e-320",
    "99999999999999999999",
    "0x10",
    "1_0",
    "\xe9",
    "$(ls)",
    "`ls`",
    "__class__",
    "=",
    "a=b",
    "\\",
    "%s",
    "range(1,3)",
    "choice(1,2)",
    "glob(*)",
    "int(3)",
]


def mutated(line: list[str], rng: np.random.Generator) -> list[str]:
    """A command line with a fault in it, or two."""
    line = list(line)
    for _ in range(1 + int(rng.random() < 0.3)):
        i = int(rng.integers(len(line)))
        key, _, value = line[i].partition("=")
        letters = string.ascii_letters + string.digits + "._-+~@:/[]{}=,'\" $"
        at = int(rng.integers(len(line[i]) + 1))
        line[i] = [
            f"{key}={VALUES[rng.integers(len(VALUES))]}",
            f"{key}={WORDS[rng.integers(len(WORDS))].partition('=')[2]}",
            f"{WORDS[rng.integers(len(WORDS))].partition('=')[0]}={value}",
            line[i][:at] + letters[rng.integers(len(letters))] + line[i][at:],
            line[i][:at] + line[i][at + 1 :],
            str(rng.choice(["+", "++", "~", "@", "hydra."])) + line[i],
        ][rng.integers(6)]
    return [each for each in line if each]


def nonsense(given: Settings) -> list[str]:
    """What an accepted configuration must not hold, told without the schema's own rules."""
    s, found = given, []
    sound = {
        "split.test_size": 0 < s.split.test_size < 1,
        "split.folds": s.split.folds >= 2,
        "seed": 0 <= s.seed < 2**32 and 0 <= s.split.seed < 2**32,
        "search.n_trials": s.search.n_trials is None or s.search.n_trials >= 1,
        "search.batch": s.search.batch is None or s.search.batch >= 1,
        "search.timeout": s.search.timeout is None or s.search.timeout > 0,
        "compute.workers": s.compute.workers is None or s.compute.workers >= 1,
        "tracking.patience": s.tracking.patience >= 0,
        "evaluation.repeats": 1 <= s.evaluation.repeats <= 1000,
        "evaluation.permutations": s.evaluation.permutations == 0 or s.evaluation.permutations >= 19,
        "evaluation.outer_folds": s.evaluation.outer_folds == 0 or s.evaluation.outer_folds >= 2,
        "model.max_rows": s.model.max_rows is None or s.model.max_rows >= 1,
        "threshold": s.threshold == "auto" or 0 < float(s.threshold) < 1,
        "target.fdr": s.target.fdr is None or 0 < s.target.fdr <= 1,
        "target.lfc": s.target.lfc is None or s.target.lfc >= 0,
        "decision.rate": s.decision.rate is None or 0 < s.decision.rate < 1,
        "decision.top": s.decision.top is None or s.decision.top >= 1,
    }
    found += [key for key, holds in sound.items() if not holds]
    return found + [key for key, value in leaves(plain(given), "") if not is_sound(value)]


def leaves(node: Any, key: str) -> Iterator[tuple[str, Any]]:
    parts = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else None
    if parts is None:
        yield key, node
        return
    for name, value in parts:
        yield from leaves(value, f"{key}.{name}")


def is_sound(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return not (isinstance(value, str) and (CONTROL.search(value) or len(value) > 4096))


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_mutated_command_line_is_in_range_or_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    (tmp_path / "in").mkdir()
    monkeypatch.chdir(tmp_path / "in")
    limma_table(80).assign(kind=["a", "b"] * 40).to_csv("t.csv", index=False)
    taken = refused = 0
    for number in range(chunk, LINES, CHUNKS):
        rng = np.random.default_rng([81, number])
        groups = rng.choice(len(GOOD), rng.integers(1, 4), replace=False)
        chosen = [word for group in groups for word in GOOD[group]]
        line = mutated(["data.path=t.csv", *chosen], rng)
        with limited(SECONDS):
            done = run_command(tmp_path / "in", *line, "tracking=none", "dry_run=true")
        assert "Traceback" not in done.stderr and not CONTROL.search(done.stderr.replace("\n", "")), (
            number,
            line,
        )
        assert done.returncode in (0, 2), (number, line, done.stderr)
        if done.returncode == 2:
            assert one_line(done.stderr), (number, line)
            refused += 1
            continue
        try:
            given = settings(*line)
        except BadInput:  # a flag or a sweep, which is the command's own
            continue
        assert not nonsense(given), (number, line, nonsense(given))
        taken += 1
    print(f"{taken} taken, {refused} refused")
    assert refused


def test_the_check_of_ranges_finds_nonsense() -> None:
    given = settings()
    given.split.test_size = 1.5
    given.data.name = "\x1b"
    assert nonsense(given) == ["split.test_size", ".data.name"]
    assert not is_sound(math.inf)
