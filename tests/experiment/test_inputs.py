"""Further tables beside a run's own: one after the other, or by name."""

from pathlib import Path

import pytest

from dge_experiments.errors import BadInput
from dge_experiments.experiment.plan import prepare
from dge_experiments.settings.estimator import estimator
from given import limma_table, settings


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    limma_table().to_csv("a.csv", index=False)
    limma_table(seed=1).to_csv("b.csv", index=False)
    limma_table(seed=2).rename(columns={"P.Value": "signif", "adj.P.Val": "x"}).to_csv("c.csv", index=False)
    return tmp_path


def labels(*overrides: str) -> tuple[list[int], str]:
    given = settings("data.path=a.csv", "target=replication", "target.alpha=0.2", *overrides)
    found = prepare(given, estimator(given.model)).problem.labels
    return found.y.tolist(), found.rule


@pytest.mark.usefixtures("folder")
def test_second_tables_by_name_are_those_in_a_list() -> None:
    c = "{path: c.csv, columns: {p: signif}}"
    in_order, rule = labels(f"target.path=[b.csv,{c}]")
    by_name, named = labels(f"target.tables={{first: b.csv, second: {c}}}")
    both, _ = labels("target.path=b.csv", f"target.tables={{second: {c}}}")
    assert in_order == by_name == both
    assert "2 studies (b, c)" in rule and "2 studies (first, second)" in named


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ("{b: {columns: {p: x}}}", "target.tables: path: must be given"),
        ("{b: {path: b.csv, shet: x}}", "target.tables: shet: no such key, did you mean sheet"),
        ("{b: no.csv}", "no.csv: no such file"),
        ("{b: {path: [b.csv]}}", "target.tables: path="),
        ("[b.csv]", "target.tables=.*must be a mapping or null"),
    ],
)
def test_what_is_no_table_is_one_line(tables: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        labels(f"target.tables={tables}")
