"""What tests are given: composed settings, the command line in a folder, a limma-like table."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from dge_experiments.settings import Settings
from dge_experiments.settings.compose import compose

REPOSITORY = Path(__file__).parents[1]
GROUPS = (
    "data",
    "target",
    "features",
    "split",
    "model",
    "search",
    "evaluation",
    "explanation",
    "compute",
    "tracking",
)


def settings(*overrides: str) -> Settings:
    """The main door's configuration with command-line overrides."""
    return compose(["sweep_id=test", "tracking=none", *overrides])


def limma_table(genes: int = 300, seed: int = 0) -> pd.DataFrame:
    """A limma-like table whose t has the sign of logFC in every row; rows are genes."""
    rng = np.random.default_rng(seed)
    effect = rng.normal(size=genes)
    t = effect * rng.uniform(2, 4, size=genes)
    p = np.exp(-np.abs(t))
    return pd.DataFrame(
        {
            "ID": [f"g{i}" for i in range(genes)],
            "logFC": effect,
            "AveExpr": rng.normal(8, 2, size=genes),
            "t": t,
            "P.Value": p,
            "adj.P.Val": np.minimum(1, p * 1.5),
            "B": np.abs(t) - 3,
        }
    )


def one_line(stderr: str) -> str:
    """The one line that a door may say on stderr after bad input."""
    lines: Sequence[str] = [line for line in stderr.splitlines() if line.strip()]
    assert len(lines) == 1, stderr
    assert lines[0].startswith("dge_experiments: ")
    return lines[0]
