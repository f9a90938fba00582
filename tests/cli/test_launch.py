"""Headers as people write them are given on the command line without knowing Hydra's grammar."""

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from dge_experiments.settings.compose import quoted


@pytest.mark.parametrize(
    "value",
    [
        "P-value (A vs C)",
        "log2(FC)",
        "P.Value < 0.05",
        "it's (no) column",
        "Student's T-test {x",
        'a "b" (c',
        "back\\'s (",
    ],
)
def test_a_value_that_hydra_cannot_read_is_quoted(value: str) -> None:
    override = OverridesParser.create().parse_override(quoted(f"data.columns.p={value}"))
    assert (override.key_or_group, override.value()) == ("data.columns.p", value)


@pytest.mark.parametrize(
    "argument",
    [
        "data.columns.p=P",
        "data.columns.p='P (A)'",
        "data.group=0,1",
        "data.dialects=[a]",
        "model.space={",
        "a b",
        "-m",
    ],
)
def test_what_hydra_reads_or_is_no_data_stays(argument: str) -> None:
    assert quoted(argument) == argument
