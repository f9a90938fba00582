"""--help names every group with its choices and every key of a command."""

import subprocess
import sys

import pytest
import yaml

from dge_experiments.settings import conf_folder
from dge_experiments.settings.usage import usage

DOORS = ("config", "inspect", "compare", "register", "predict")


@pytest.mark.parametrize("config", DOORS)
def test_help_names_groups_choices_and_keys(config: str) -> None:
    said = usage(config)
    content = yaml.safe_load((conf_folder() / f"{config}.yaml").read_text())
    groups = [
        next(iter(entry))
        for entry in content.pop("defaults")
        if entry != "_self_" and "override" not in str(entry) and "optional" not in str(entry)
    ]
    content.pop("hydra")
    for group in groups:
        line = next(line for line in said.splitlines() if line.split()[:1] == [group])
        choices = {file.stem for file in (conf_folder() / group).glob("[!_]*.yaml")}
        assert set(line.replace("[", "").replace("]", "").split()[1:]) == choices
    assert groups
    assert all(f"  {key}:" in said for key in content)
    assert "hydra:" not in said


def test_help_of_a_command_is_printed() -> None:
    command = [sys.executable, "-m", "dge_experiments", "compare", "--help"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.startswith(usage("compare").strip()) and "register     the best finished run" in said


def test_help_has_the_keys_of_groups_and_the_exit_codes() -> None:
    said = usage("config")
    line = next(
        line for line in said.split("Keys of the groups")[1].splitlines() if line.split()[:1] == ["split"]
    )
    assert {"test_size,", "folds,", "by,"} <= set(line.split())
    assert "130 Ctrl-C" in said and "2 bad input" in said
