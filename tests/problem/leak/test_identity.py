"""The order of the rows and the genes' names as sources; rows are genes."""

import numpy as np
import pandas as pd
import pytest

from dge_experiments.problem.leak import audit, verdict

GENES = 400


def table(seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(rng.normal(size=(GENES, 3)), columns=list("abc")), rng.integers(0, 2, GENES)


def carriers(X: pd.DataFrame, y: np.ndarray, names: list[str]) -> set[str]:
    return set(audit(X, y, (), seed=0, genes=pd.Series(names)).identity)


def shuffled_numbers() -> list[int]:
    return np.random.default_rng(1).permutation(GENES).tolist()


@pytest.mark.parametrize(
    ("name", "carrier"),
    [
        (lambda label, number: f"{('neg', 'pos')[label]}_{number}", "the beginning of the gene's name"),
        (lambda label, number: f"gene{number}_{('down', 'up')[label]}", "the end of the gene's name"),
        (lambda label, number: f"gene{number + 1_000 * label}", "the number in the gene's name"),
    ],
)
def test_names_that_tell_the_label_are_found(name, carrier):
    X, y = table()
    names = [name(int(label), number) for label, number in zip(y, shuffled_numbers(), strict=True)]
    found = audit(X, y, (), seed=0, genes=pd.Series(names))
    assert set(found.identity) == {carrier}
    assert found.sources == found.graded == ()
    clause = f"{carrier} alone carries "
    assert f" {clause[0].upper()}{clause[1:]}" in verdict(found)
    assert verdict(found).endswith("no model sees it, but ask how the table was put together.")


def test_names_that_tell_nothing_are_not():
    X, y = table()
    for text in ("ENSG{:011d}", "{}_s_at", "AFFX-{}", "{}"):
        assert carriers(X, y, [text.format(number) for number in shuffled_numbers()]) == set()
    assert carriers(X, y, [""] * GENES) == set()


def test_a_table_whose_positives_come_first_is_found():
    X, y = table()
    assert carriers(X, np.sort(y), [str(n) for n in shuffled_numbers()]) == {"the order of the rows"}


def test_a_table_sorted_by_a_column_says_no_more_than_the_column():
    X, _ = table()
    X = X.sort_values("a", key=abs, ignore_index=True)
    y = (X["a"].abs() > 1).to_numpy().astype(int)
    found = audit(X, y, (), seed=0, genes=pd.Series([str(n) for n in shuffled_numbers()]))
    assert found.sources == ("a",)
    assert found.identity == {}
