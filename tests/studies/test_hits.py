import numpy as np
import pandas as pd
from scipy.stats import norm

from dge_experiments.studies.examples import Study, study
from dge_experiments.studies.hits import effects, overlaps
from dge_experiments.tables import Table


def study_of(genes: str, z: list[float]) -> Study:
    frame = pd.DataFrame({"gene": list(genes), "logFC": z, "P.Value": 2 * norm.sf(np.abs(z))})
    return study(Table(frame, "t", "t.csv", "0" * 16, "limma", {}))


STUDIES = {
    "A": study_of("abcde", [3.0, -3.0, 2.5, 0.1, 4.0]),
    "B": study_of("abcd", [3.0, 3.0, 2.2, 0.2]),
    "C": study_of("abc", [0.1, -2.5, 0.3]),
}


def test_hits_are_counted_by_the_studies_that_share_them_with_one_sign() -> None:
    found = overlaps(STUDIES).set_index(["A", "B", "C"])["genes"].to_dict()
    assert found == {
        (True, True, False): 2,  # a and c
        (True, False, True): 1,  # b, down
        (False, True, False): 1,  # b, up
        (True, False, False): 1,  # e
    }


def test_verdicts_of_a_pair() -> None:
    found = effects(STUDIES, "A", "B").set_index("gene")["verdict"].to_dict()
    assert found == {
        "a": "replicates", "b": "hit, does not replicate", "c": "replicates", "d": "other",
    }  # fmt: skip
