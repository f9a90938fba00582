from pathlib import Path

import pytest

from dge_experiments.errors import BadInput
from dge_experiments.problem.problem import select
from dge_experiments.problem.targets import labels
from dge_experiments.tables import Table, read
from given import limma_table


def table(folder: Path, rows: str = "all") -> Table:
    frame = limma_table()
    frame = frame[frame["logFC"] > 0] if rows == "up" else frame
    frame.to_csv(folder / "t.csv", index=False)
    return read(folder / "t.csv")


def test_direction_is_the_sign_of_logfc(tmp_path: Path) -> None:
    given = table(tmp_path)
    answer = labels("direction", given)
    assert answer.classes == ("down", "up")
    assert answer.defined_by == ("logFC",)
    assert (answer.y == (given.frame["logFC"] > 0)).all()


def test_one_class_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="all 1[0-9][0-9] genes into one class, 'up'"):
        labels("direction", table(tmp_path, "up"))


def test_unknown_target_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="target.name=sideways"):
        labels("sideways", table(tmp_path))


def test_features_are_the_named_columns_in_that_order(tmp_path: Path) -> None:
    given = table(tmp_path)
    assert list(select(given, ["B", "AveExpr"]).columns) == ["B", "AveExpr"]
    assert list(select(given, None).columns) == ["logFC", "AveExpr", "t", "P.Value", "adj.P.Val", "B"]
    with pytest.raises(BadInput, match="no column 'logfc', did you mean logFC"):
        select(given, ["logfc"])
    with pytest.raises(BadInput, match="name at least one"):
        select(given, [])
