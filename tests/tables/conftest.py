"""The bundled table, whole and in small."""

import pandas as pd
import pytest

from dge_experiments.tables import bundled


@pytest.fixture(scope="session")
def limma() -> pd.DataFrame:
    """The bundled leukaemia table as text, first 400 rows of 12,625."""
    return pd.read_csv(bundled.file("all_leukemia"), dtype=str).head(400)
