import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from dge_experiments.errors import BadInput
from dge_experiments.studies.examples import example, examples, study
from dge_experiments.tables import Table


def table(name: str, genes: str, effect: list[float], se: float | np.ndarray = 0.5) -> Table:
    p = 2 * norm.sf(np.abs(np.array(effect)) / se)
    frame = pd.DataFrame({"gene": list(genes), "logFC": effect, "P.Value": p})
    return Table(frame, name, f"{name}.csv", "0" * 16, "limma", {})


STUDIES = {
    name: study(given)
    for name, given in {
        "A": table("A", "abcde", [2.0, -1.5, 0.1, -0.2, 0.4]),
        "B": table("B", "edcba", [0.3, 0.2, -0.1, -2.0, 1.5]),
        "C": table("C", "abc", [-1.0, -3.0, 0.5]),
        "D": table("D", "ab", [4.0, -1.0], se=1.0),
    }.items()
}


def test_a_pair_is_joined_and_answered_by_the_second() -> None:
    found = example(STUDIES, "A", "B", [])
    assert found.X.index.tolist() == list("abcde")
    assert found.y.tolist() == [True, True, False, False, False]
    assert found.hit.tolist() == [True, True, False, False, False]
    assert (found.X[["others_z", "others_effect"]] == 0).all(axis=None)


def test_standings_do_not_depend_on_the_scale_of_a_table() -> None:
    effect, se = np.array([2.0, -1.5, 0.1, -0.2, 0.4]), np.array([0.5, 0.6, 0.4, 0.7, 0.3])
    measured = ({**STUDIES, "A": study(table("A", "abcde", list(k * effect), k * se))} for k in (1, 10))
    one, ten = (example(which, "A", "B", ["C"]).X for which in measured)
    pd.testing.assert_frame_equal(one, ten)
    assert one["effect"].tolist() == pytest.approx(norm.ppf([0.9, 0.7, 0.1, 0.3, 0.5]).tolist())


def test_the_other_studies_speak_towards_the_sign_of_the_first() -> None:
    found = example(STUDIES, "A", "B", ["C", "D"]).X
    z_c, z_d = -2.0, 4.0  # of gene a, which A has up
    assert found.loc["a", "others_z"] == pytest.approx((z_c + z_d) / np.sqrt(2))
    assert found.loc["b", "others_z"] == pytest.approx((6.0 + 1.0) / np.sqrt(2))  # down in A, C and D
    assert found.loc["c", "others_z"] == pytest.approx(1.0)  # C alone has it
    assert found.loc["e", "others_z"] == 0


def test_a_study_left_out_is_on_neither_side_and_in_no_feature() -> None:
    changed = {**STUDIES, "D": study(table("D", "ab", [-9.0, 9.0]))}
    unchanged, same = (list(examples(which, unseen=["D"])) for which in (STUDIES, changed))
    assert [(e.first, e.second) for e in unchanged] == [(a, b) for a in "ABC" for b in "ABC" if a != b]
    for one, other in zip(unchanged, same, strict=True):
        pd.testing.assert_frame_equal(one.X, other.X)
        assert (one.y == other.y).all()


def test_studies_without_a_common_gene_are_one_line() -> None:
    with pytest.raises(BadInput, match="studies: A and X share no gene id"):
        example({**STUDIES, "X": study(table("X", "xyz", [1.0, 2.0, 3.0]))}, "A", "X", [])
