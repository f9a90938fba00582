"""Further tables beside a run's own: one after the other, or by name."""

import re
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


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["target.path=no.csv"], r"^target\.path: no\.csv: no such file \(looked in "),
        (["target.path=d.csv"], r"^target\.path: d\.csv: .* target\.table\.columns\.p=NAME$"),
        (["target.path=[b.csv,d.csv]"], r"^target\.path: d\.csv: .* target\.table\.columns\.p=NAME$"),
        (["target.path={path: d.csv}"], r"^target\.path: d\.csv: .* columns\.p=NAME; say so with the path: "),
        (
            ["target.tables={b: d.csv}"],
            r"^target\.tables: d\.csv: .* columns\.p=NAME; say so with the path: ",
        ),
        (
            ["target.path={path: b.csv, columns: {p: foo}}"],
            r"^target\.path: b\.csv: columns\.p=foo: no such col",
        ),
        (["target.path={path: b.csv, sheet: two}"], r"^target\.path: sheet=two: b\.csv is no workbook"),
        (["target.path=b.csv", "target.table.sheet=two"], r"^target\.path: target\.table\.sheet=two: "),
        (
            ["target.path=b.csv", "evaluation.external=[d.csv]"],
            r"^evaluation\.external: d\.csv: .* columns\.p=NA",
        ),
        (
            ["target.path=b.csv", "evaluation.external=no.csv"],
            r"^evaluation\.external: no\.csv: no such file",
        ),
        (["target.path=b.csv", "data.ids=symbol", "data.ids_from=no.csv"], r"no\.csv: no such file"),
    ],
)
def test_a_message_about_a_further_table_names_keys_of_that_table(
    folder: Path, overrides: list[str], message: str
) -> None:
    limma_table(seed=2)[["ID", "logFC"]].assign(qq=0.5).to_csv(folder / "d.csv", index=False)
    with pytest.raises(BadInput, match=message) as raised:
        labels(*overrides)
    assert not re.search(r"\bdata\.(columns|sheet)", str(raised.value))
