from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dge_experiments.errors import BadInput
from dge_experiments.problem import targets
from dge_experiments.problem.labels import Rule
from dge_experiments.problem.leak import audit
from dge_experiments.problem.problem import allowed, labelled, select
from dge_experiments.settings.schema import Target
from dge_experiments.tables import Table, bundled, read
from given import limma_table


def table(folder: Path, frame: pd.DataFrame | None = None, name: str = "t", **given: object) -> Table:
    (limma_table() if frame is None else frame).to_csv(folder / f"{name}.csv", index=False)
    return read(folder / f"{name}.csv", **given)  # type: ignore[arg-type]


def make(name: str, others: Sequence[Table] = (), **asked: object) -> Rule:
    return targets.make(Target(name, "accuracy", "none", **asked), others)  # type: ignore[arg-type]


def test_direction_is_the_sign_of_logfc(tmp_path: Path) -> None:
    frame = limma_table()
    frame.loc[3, "logFC"] = 0.0
    given = table(tmp_path, frame)
    answer = make("direction")(given)
    assert (answer.classes, answer.defined_by) == (("down", "up"), ("logFC",))
    assert (answer.y == (given.frame["logFC"] > 0)).all()
    assert answer.note == "1 genes with logFC = 0 count as down"


def test_regulation_is_limmas_decision(tmp_path: Path) -> None:
    frame = limma_table(6).assign(
        **{"logFC": [2, -2, 2, 0.5, 1, -1], "adj.P.Val": [0.01, 0.01, 0.2, 0.01, 0.04, 0.05]}
    )
    answer = make("regulation", lfc=1, fdr=0.05)(table(tmp_path, frame))
    assert [answer.classes[code] for code in answer.y] == ["up", "down", "ns", "ns", "up", "ns"]
    assert answer.defined_by == ("logFC", "adj.P.Val")


def test_replication_joins_on_the_gene_and_says_what_it_could_not(tmp_path: Path) -> None:
    first = table(tmp_path, limma_table(5).assign(ID=list("abcde"), logFC=[1, 1, -1, 1, 1]))
    there = limma_table(5).assign(ID=[*"dcba", "a"], logFC=[1, -2, -1, 3, -3])
    there["P.Value"], there["AveExpr"] = [0.2, 0.001, 0.001, 0.04, 0.001], [5, 5, 5, 9, 2]
    answer = make("replication", others=[table(tmp_path, there, "second")])(first)
    assert answer.y.tolist() == [1, 0, 1, 0, -1]
    assert (
        "4 of 5 genes are in" in answer.note
        and "1 rows of second repeat an id: the row of the highest AveExpr" in answer.note
    )
    assert answer.defined_by == ()
    assert answer.replication is not None
    assert (answer.replication.luck.seen, answer.replication.luck.genes) == (0.5, 4)
    left, kept = labelled(first, answer)
    assert left.frame["gene"].tolist() == list("abcd")
    assert kept.y.tolist() == [1, 0, 1, 0]


def test_several_studies_answer_by_majority_or_by_number(tmp_path: Path) -> None:
    first = table(tmp_path, limma_table(4).assign(ID=list("abcd"), logFC=[1, 1, 1, 1]))
    others = []
    for k, (genes, effect) in enumerate([("abc", [1, 1, 1]), ("abc", [1, -1, 1]), ("ab", [1, 1])]):
        there = limma_table(len(genes)).assign(ID=list(genes), logFC=effect)
        there["P.Value"], there["adj.P.Val"] = 0.01, [0.02, 0.02, 0.3][: len(genes)]
        others.append(table(tmp_path, there, f"study{k}"))
    assert make("replication", others=others)(first).y.tolist() == [1, 1, 1, -1]
    assert make("replication", others=others, agreement=3)(first).y.tolist() == [1, 0, -1, -1]
    by_fdr = make("replication", others=others, fdr=0.1)(first)
    assert by_fdr.y.tolist() == [1, 1, 0, -1]
    assert "adj.P.Val < 0.1 in more than half of those that have the gene of 3 studies" in by_fdr.rule
    with pytest.raises(BadInput, match="target.agreement=4: must be from 1 to the number of studies, here 3"):
        make("replication", others=others, agreement=4)(first)


def test_replication_without_a_common_gene_is_refused(tmp_path: Path) -> None:
    first = table(tmp_path)
    second = table(tmp_path, limma_table().assign(ID=[f"x{i}" for i in range(300)]), "second")
    with pytest.raises(BadInput, match=r"none of its gene ids \(x0, x1, x2\)"):
        make("replication", others=[second], alpha=0.05)(first)


def test_the_bundled_halves_replicate_as_measured() -> None:
    first, second = (read(bundled.file(f"all_{half}")) for half in ("discovery", "replication"))
    answer = make("replication", others=[second], alpha=0.05)(first)
    assert len(answer.y) == 12625
    assert answer.y.mean() == pytest.approx(0.051, abs=5e-4)
    found = audit(first.frame[first.features], answer.y, answer.defined_by, seed=1)
    assert found.sources == found.graded == ()


def test_column_takes_the_users_labels(tmp_path: Path) -> None:
    frame = limma_table(6).assign(kind=["x", "y", "x", None, "y", "z"])
    given = table(tmp_path, frame, keep=["kind"])
    answer = make("column", column="kind")(given)
    assert answer.classes == ("x", "y", "z")
    assert answer.y.tolist() == [0, 1, 0, -1, 1, 2]
    assert answer.note == "1 genes have no label"


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("sideways", {}, "target.name=sideways"),
        ("regulation", {"lfc": 1}, "target.fdr=0.05"),
        ("replication", {}, "target.path"),
        ("column", {}, "target.column"),
    ],
)
def test_what_is_no_question_is_refused(name: str, given: dict[str, float], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        make(name, **given)  # type: ignore[arg-type]


def test_one_class_is_refused_and_an_absent_class_is_said(tmp_path: Path) -> None:
    frame = limma_table()
    up = table(tmp_path, frame[frame["logFC"] > 0])
    with pytest.raises(BadInput, match="all 1[0-9][0-9] genes into one class, 'up'"):
        labelled(up, make("direction")(up))
    _, kept = labelled(up, make("regulation", lfc=1, fdr=0.2)(up))
    assert kept.classes == ("ns", "up")
    assert "no gene is down" in kept.note
    assert set(kept.y) == {0, 1}


def test_features_are_the_named_columns_in_that_order(tmp_path: Path) -> None:
    given = table(tmp_path)
    assert select(given, ["B", "AveExpr"]) == ["B", "AveExpr"]
    assert select(given, None) == ["logFC", "AveExpr", "t", "P.Value", "adj.P.Val", "B"]
    with pytest.raises(BadInput, match="no column 'logfc', did you mean logFC"):
        select(given, ["logfc"])
    with pytest.raises(BadInput, match="name at least one"):
        select(given, [])


def test_the_leak_policies(tmp_path: Path) -> None:
    given = table(tmp_path)
    answer = make("direction")(given)
    found = audit(given.frame[given.features], answer.y, answer.defined_by, seed=1)
    assert set(found.sources) == {"logFC", "t"}
    assert allowed(["logFC", "B"], found, "warn", False) == ["logFC", "B"]
    assert allowed(["logFC", "B"], found, "drop", False) == ["B"]
    assert allowed(["logFC", "B"], found, "warn", True) == ["B"]
    assert allowed(["AveExpr", "B"], found, "fail", False) == ["AveExpr", "B"]
    with pytest.raises(BadInput, match="leak.policy=fail: logFC among the features"):
        allowed(["logFC", "B"], found, "fail", False)
    with pytest.raises(BadInput, match="nothing is left"):
        allowed(["logFC", "t"], found, "drop", False)
    assert np.isfinite(found.tiers["balanced_accuracy"]).all()


def test_a_target_is_one_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "expressed.py").write_text(
        "from dge_experiments.problem.labels import Labels\n"
        "def make(target, others):\n"
        "    return lambda table: Labels(\n"
        "        (table.frame['AveExpr'] > 8).to_numpy().astype('int64'), ('low', 'high'), ('AveExpr',), 'high')\n"
    )
    monkeypatch.setattr(targets, "__path__", [*targets.__path__, str(tmp_path)])
    assert "expressed" in targets.names()
    given = table(tmp_path)
    assert make("expressed")(given).y.mean() == (given.frame["AveExpr"] > 8).mean()
