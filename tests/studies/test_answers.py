from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dge_experiments.errors import BadInput
from dge_experiments.studies.answers import answers, replicated
from dge_experiments.tables import Table


def table(**columns: list[object]) -> Table:
    return Table(pd.DataFrame(columns), "t", "t.csv", "0" * 16, "limma", {})


def test_the_highest_expressed_row_answers_not_the_smallest_p() -> None:
    given = table(
        gene=["a", "a", "b", ""], logFC=[1.0, -2.0, 3.0, 4.0], AveExpr=[9.0, 4.0, 1.0, 2.0],
        **{"P.Value": [0.5, 0.001, 0.2, 0.1]},
    )  # fmt: skip
    found = answers(given)
    assert found.index.tolist() == ["a", "b"]
    assert found.loc["a", ["logFC", "P.Value"]].tolist() == [1.0, 0.5]


def test_without_expression_simes_combines_the_rows() -> None:
    given = table(
        gene=["a", "a", "a", "b"], logFC=[1.0, -2.0, 3.0, 4.0], **{"P.Value": [0.04, 0.03, 0.5, 0.2]}
    )
    found = answers(given)
    # 3 x .03 / 1 = .09, 3 x .04 / 2 = .06, 3 x .5 / 3 = .5
    assert found.loc["a", "P.Value"] == pytest.approx(0.06)
    assert found.loc["a", "logFC"] == -2.0
    assert found.loc["b", "P.Value"] == 0.2


@pytest.mark.parametrize("expression", [True, False])
def test_repeated_ids_do_not_inflate_chance(expression: bool) -> None:
    rng = np.random.default_rng(0)
    rows = 3 * 4000
    given = table(
        gene=list(np.repeat([f"g{i}" for i in range(4000)], 3)), logFC=list(rng.normal(size=rows)),
        **({"AveExpr": list(rng.normal(size=rows))} if expression else {}),
        **{"P.Value": list(rng.random(rows))},
    )  # fmt: skip
    assert (answers(given)["P.Value"] < 0.05).mean() == pytest.approx(0.05, abs=0.012)


def test_a_table_that_cannot_answer_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"t.csv: replication needs the column P.Value"):
        answers(table(gene=["a"], logFC=[1.0]))


def test_an_effect_of_zero_replicates_nothing() -> None:
    assert replicated([0.0, 1.0, -1.0, 1.0], [0.0, 1.0, 1.0, 1.0], [True, True, True, False]).tolist() == [
        False, True, False, False,
    ]  # fmt: skip
