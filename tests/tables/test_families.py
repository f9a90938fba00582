"""Header lines as tools and people write them; the values are made to fit the headers' roles."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import false_discovery_control, norm

from dge_experiments.errors import BadInput
from dge_experiments.tables import describe, read

N = 60
RNG = np.random.default_rng(7)
Z = RNG.normal(size=N) * 2
P = 2 * norm.sf(np.abs(Z))
SE = RNG.uniform(0.2, 0.4, N)
LOG = Z * SE
COLUMN = {
    "id": [f"ENSG{i:011d}" for i in RNG.permutation(N)],
    "symbol": [f"GENE{i}" for i in RNG.permutation(N)],
    "row": list(range(1, N + 1)),
    "effect": LOG,
    "fold": np.sign(LOG) * 2 ** np.abs(LOG),
    "ratio": 2.0**LOG,
    "mean": RNG.uniform(3, 12, N),
    "counts": RNG.uniform(10, 9000, N),
    "t": Z,
    "f": Z**2,
    "se": SE,
    "p": P,
    "logp": -np.log10(P),
    "adj": false_discovery_control(P),
    "lods": Z**2 - 4,
    "group": ["a"] * (N // 2) + ["b"] * (N // 2),
    "one": ["treated vs control"] * N,
    "text": ["kinase"] * N,
    "flag": np.where(P < 0.05, "yes", "no"),
    "count": RNG.integers(0, 900, N),
    "share": RNG.uniform(0, 1, N).round(3),
    "abs": np.abs(LOG),
    "blank": [""] * N,
    "percent": 100 * false_discovery_control(P),
    "logadj": -np.log10(false_discovery_control(P)),
    "other": RNG.normal(size=N),
}


def lines(name: str) -> list[str]:
    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if not line.startswith("#")]


ROLE = {
    "counts": "mean",
    "t": "statistic",
    "adj": "adjusted_p",
    "lods": "log_odds",
    "fold": "effect",
    "ratio": "effect",
    "one": "group",
}


def family(line: str) -> tuple[str, pd.DataFrame, dict[str, str | None], str | None, bool | None]:
    name, fields, scale, signed = (part.strip() for part in line.split(" | "))
    wanted: dict[str, str | None] = dict.fromkeys(
        ("id", "effect", "mean", "statistic", "p", "adjusted_p", "se", "log_odds", "group")
    )
    headers, columns = [], []
    for field in fields.split("; "):
        header, kind = field.rsplit("=", 1)
        role, _, values = kind.removeprefix("-").rpartition(":")
        headers.append(header)
        columns.append(COLUMN[values])
        if not kind.startswith("-"):
            wanted[role or ROLE.get(values, values)] = header
    frame = pd.DataFrame(dict(enumerate(columns)))
    frame.columns = pd.Index(headers)
    return (
        name,
        frame,
        wanted,
        None if scale == "None" else scale,
        {"True": True, "False": False, "None": None}[signed],
    )


@pytest.mark.parametrize("line", lines("families.txt"), ids=lambda line: line.split("|")[0].strip())
def test_a_family_is_read_by_its_headers(line, tmp_path):
    _, frame, wanted, scale, signed = family(line)
    file = tmp_path / "table.tsv"
    frame.to_csv(file, sep="\t", index=False)
    table = read(file)
    found = describe(table)
    assert found["columns"] == wanted
    assert found["effect_scale"] == scale
    assert found["statistic_signed"] is signed
    if scale is not None:
        per = {"log2": 1.0, "linear": 1.0, "ln": np.log(2)}[scale]
        np.testing.assert_allclose(table.frame["logFC"], LOG / per, rtol=1e-12)
    for role, name, values in (("p", "P.Value", P), ("adjusted_p", "adj.P.Val", COLUMN["adj"])):
        if wanted[role]:
            np.testing.assert_allclose(table.frame[name], values, rtol=1e-12)


@pytest.mark.parametrize("line", lines("contrasts.txt"), ids=lambda line: line.split("|")[0].strip())
def test_of_several_contrasts_the_effect_is_asked_and_says_the_rest(line, tmp_path):
    _, frame, wanted, _, _ = family(f"{line} | log2 | None")
    file = tmp_path / "table.csv"
    frame.to_csv(file, index=False)
    effect = wanted["effect"]
    if effect != "logFC.1":
        with pytest.raises(BadInput, match="2 columns could be the effect: .*data.columns.effect=NAME"):
            read(file)
    table = read(file, columns={"effect": effect})
    assert describe(table)["columns"] == wanted
    if wanted["p"]:
        np.testing.assert_allclose(table.frame["P.Value"], P, rtol=1e-12)


def test_headers_that_repeat_are_numbered_as_pandas_does(tmp_path):
    frame = pd.DataFrame({i: COLUMN[v] for i, v in enumerate(["id", "other", "share", "effect", "p"])})
    frame.columns = pd.Index(["gene", "logFC", "P.Value", "logFC", "P.Value"])
    file = tmp_path / "table.csv"
    frame.to_csv(file, index=False)
    with pytest.raises(BadInput, match=r"the effect: 'logFC', 'logFC\.1'; say which"):
        read(file)
    second = read(file, columns={"effect": "logFC.1"})
    assert second.roles["effect"] == "logFC"
    np.testing.assert_allclose(second.frame["P.Value"], P, rtol=1e-12)
    first = read(file, columns={"effect": "logFC"})
    np.testing.assert_array_equal(first.frame["P.Value"], COLUMN["share"])


def test_two_sides_with_the_same_effect_do_not_say_which_p(tmp_path):
    frame = pd.DataFrame(
        {
            "id": COLUMN["id"], "neg|p-value": P, "neg|lfc": LOG, "pos|p-value": 1 - P, "pos|lfc": LOG,
        }
    )  # fmt: skip
    file = tmp_path / "table.csv"
    frame.to_csv(file, index=False)
    with pytest.raises(BadInput, match=r"2 columns could be the p: 'neg\|p-value', 'pos\|p-value'"):
        read(file)
    assert read(file, columns={"effect": "pos|lfc"}).roles["p"] == "pos|p-value"
