"""A skops file: its format, size and types are checked before any object is loaded from it."""

import importlib
import inspect
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile, is_zipfile

from skops.io import get_untrusted_types, load

from dge_experiments.errors import BadInput, first_line

TRUSTED = (
    "dge_experiments.evaluation.adjusted.AdjustedClassifier",
    "dge_experiments.problem.magnitudes.Magnitudes",
    "dge_experiments.studies.standing.Standings",
    "dge_experiments.problem.ranking.RankingClassifier",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.calibration._TemperatureScaling",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.frozen._frozen.FrozenEstimator",
    "sklearn.metrics._dist_metrics.ChebyshevDistance64",
    "sklearn.metrics._dist_metrics.EuclideanDistance64",
    "sklearn.metrics._dist_metrics.ManhattanDistance64",
    "sklearn.model_selection._split.PredefinedSplit",  # calibrated models of version 0.1.0
    "sklearn.neighbors._ball_tree.BallTree",
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    "sklearn.tree._tree.Tree",
    "xgboost.core.Booster",
    "xgboost.sklearn.XGBClassifier",
)
PACKAGES = ("dge_experiments", "numpy", "scipy", "sklearn", "xgboost")
BOOSTER = "xgboost.core.Booster"
PICKLE, ZIP = b"\x80", b"PK\x03\x04"
SCHEMA = "schema.json"
SCHEMA_BYTES, ALL_BYTES = 2**28, 2**33
SECONDS = 300
TRIAL = "import json, sys, skops.io; skops.io.load(sys.argv[1], trusted=json.loads(sys.argv[2]))"


def check(file: Path, of: str) -> list[str]:
    """Check that ``file`` is a skops archive of a readable size; returns the types in it that skops does not trust.

    Raises
    ------
    BadInput
        a pickle, another kind of file, a file with other bytes before the archive, a damaged archive, or one that is
        too large; the message begins with ``of``
    """
    with file.open("rb") as stream:
        magic = stream.read(4)
    if magic != ZIP or not is_zipfile(file):
        kind = "a pickle" if magic[:1] == PICKLE else "no skops archive"
        raise BadInput(f"{of}: {file.name} is {kind}; not loaded: log the model again")
    try:
        with ZipFile(file) as archive:
            sizes = {member.filename: member.file_size for member in archive.infolist()}
            if sizes.get(SCHEMA, 0) > SCHEMA_BYTES or sum(sizes.values()) > ALL_BYTES:
                raise BadInput(
                    f"{of}: {file.name} unpacks to {sum(sizes.values()):,} bytes, more than a model holds; not loaded"
                )
            if broken := archive.testzip():
                raise BadInput(f"{of}: {file.name} is damaged ({broken}); log the model again")
        return list(get_untrusted_types(file=file))
    except BadInput:
        raise
    except (Exception, RecursionError) as error:
        why = "damaged" if isinstance(error, BadZipFile) else first_line(error)
        raise BadInput(f"{of}: {file.name} is no skops archive ({why}); not loaded") from None


def read(file: Path, types: Sequence[str], of: str, *, known: bool) -> Any:
    """Load a file that ``check`` accepted; ``types`` are the only types that it may hold beside those skops trusts.

    ``known``: the file is unchanged since it was logged. Otherwise a file with an XGBoost model is first loaded in
    another process, because XGBoost crashes on a damaged model.
    """
    if BOOSTER in types and not known:
        command = [sys.executable, "-c", TRIAL, str(file), json.dumps(list(types))]
        try:
            exit_code = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False).returncode
        except subprocess.TimeoutExpired:
            exit_code = 1
        if exit_code:
            raise BadInput(
                f"{of}: {file.name} holds a damaged XGBoost model; not loaded: log the model again"
            )
    try:
        return load(file, trusted=list(types))
    except Exception as error:
        raise BadInput(
            f"{of}: {file.name} cannot be read ({first_line(error)}); log the model again"
        ) from None


def own_types(types: Sequence[str], packages: Sequence[str] = ()) -> list[str]:
    """Check that the types of a model that waits on disk are trusted or classes of known packages; returns them.

    Raises
    ------
    BadInput
        a function, or a class of another package
    """
    for name in types:
        module, _, attribute = name.rpartition(".")
        if name not in TRUSTED and name.partition(".")[0] not in (*PACKAGES, *packages):
            raise BadInput(f"a model that waits to be sent holds {name}, which is of no trusted package")
        if name not in TRUSTED and not inspect.isclass(
            getattr(importlib.import_module(module), attribute, None)
        ):
            raise BadInput(f"a model that waits to be sent holds {name}, which is no class")
    return list(types)
