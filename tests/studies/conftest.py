"""The real studies beside the checkout, where they are there."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from dge_experiments.tables import Table, read
from given import REPOSITORY

STUDIES = Path(os.environ.get("DGE_STUDIES", REPOSITORY.parent / "shared" / "studies"))


@pytest.fixture(scope="session")
def study() -> Callable[..., Table]:
    """Reads a table of ../shared/studies by name."""
    if not STUDIES.is_dir():
        pytest.skip(f"the studies are not at {STUDIES}; set DGE_STUDIES")
    return lambda name, **given: read(STUDIES / f"{name}.csv.gz", **given)
