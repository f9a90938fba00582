"""A small form of benchmarks/methods/leak_audit.py: honest tables without alarm, planted leaks found or graded."""

import importlib.util
from types import ModuleType

import pytest

from given import REPOSITORY

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def simulation() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "leak_audit", REPOSITORY / "benchmarks" / "methods" / "leak_audit.py"
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("correlation", [0.0, 0.5])
def test_honest_features_of_auc_up_to_99_give_no_alarm(simulation, correlation):
    tables = [(60, 0.5, 6), (60, 0.1, 6), (200, 0.5, 6), (200, 0.1, 20), (1_000, 0.02, 6)]
    alarms = [simulation.alarm(*table, correlation, seed)[0] for table in tables for seed in range(4)]
    assert sum(alarms) <= 1  # of 20


def test_planted_leaks_wrong_in_a_twentieth_of_the_rows_are_found_or_graded(simulation):
    noise = {plant: 0.0 if plant in simulation.COARSE else 0.05 for plant in simulation.PLANTS}
    missed = [plant for plant in noise if not simulation.planted(plant, 2_000, 0.4, noise[plant], seed=1)[1]]
    assert len(missed) <= 1, missed  # of 13
