"""The schema of conf/: what each key may hold. A key or value outside it fails before any work is done."""

import copy
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, is_dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import (
    ConfigKeyError,
    InterpolationResolutionError,
    MissingMandatoryValue,
    OmegaConfBaseException,
    ValidationError,
)

from dge_experiments.errors import BadInput

Schema = TypeVar("Schema")


@dataclass
class Simulated:
    genes: int
    samples: int
    changed: float
    prior_df: float
    prior_variance: float
    effect_variance: float
    seed: int


@dataclass
class Columns:
    id: str | None = None
    effect: str | None = None
    mean: str | None = None
    statistic: str | None = None
    p: str | None = None
    adjusted_p: str | None = None
    se: str | None = None
    log_odds: str | None = None
    group: str | None = None


@dataclass
class Data:
    name: str | None
    bundled: str | None
    path: str | None
    columns: Columns
    dialect: str | None
    dialects: list[str]
    sheet: str | None
    group: str | None
    missing: str
    derive: bool
    filter: str | None
    simulated: Simulated | None = None


@dataclass
class Target:
    name: str
    scoring: str
    calibration: str
    lfc: float | None = None
    fdr: float | None = None
    path: Any = None  # a path, or a list of them
    alpha: float | None = None
    agreement: int | None = None
    column: str | None = None


@dataclass
class Features:
    name: str
    columns: list[str] | None
    drop_label_sources: bool


@dataclass
class Split:
    name: str
    test_size: float
    stratify: bool
    seed: int
    folds: int
    shuffle: bool
    cv_rows: str
    by: str | None


@dataclass
class Model:
    name: str
    estimator: dict[str, Any]
    space: dict[str, Any] = field(default_factory=dict)
    multiclass: dict[str, Any] = field(default_factory=dict)
    path: str | None = None
    max_rows: int | None = None
    final_fit: str = "sample"


@dataclass
class Search:
    name: str
    scoring: str
    models: list[str] | None
    n_trials: int | None
    timeout: float | None
    batch: int | None
    racing: bool


@dataclass
class Evaluation:
    name: str
    repeats: int
    outer_folds: int
    permutations: int
    external: list[str]


@dataclass
class Leak:
    policy: str


@dataclass
class Compute:
    name: str
    workers: int | None
    scheduler: str | None


@dataclass
class Explanation:
    name: str
    methods: list[str]
    max_rows: int | None


@dataclass
class Tracking:
    name: str
    uri: str | None
    patience: float = 600.0


@dataclass
class Settings:
    """One run: ``python -m dge_experiments``."""

    data: Data
    target: Target
    features: Features
    split: Split
    model: Model
    search: Search
    evaluation: Evaluation
    explanation: Explanation
    compute: Compute
    tracking: Tracking
    seed: int
    calibration: str
    leak: Leak
    sweep_id: str
    resume: bool | str


@dataclass
class Inspection:
    """One look at a table: ``python -m dge_experiments.inspect``."""

    data: Data
    format: str


def conf_folder() -> Path:
    """conf/: the package's own where it was installed from a wheel, else the checkout's."""
    packaged = Path(__file__).parent / "conf"
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "conf"


def read(config: DictConfig, schema: type[Schema]) -> Schema:
    """Check a composed configuration against ``schema`` and return it as that dataclass.

    A whole number may be written as 20.0, as typed parameters of ``mlflow run`` are.

    Raises
    ------
    BadInput
        an unknown key (with the nearest known one), a value of the wrong type, a value that must be given
    """
    try:
        typed = OmegaConf.merge(OmegaConf.structured(schema), config)
        return OmegaConf.to_object(typed)  # type: ignore[return-value]
    except ConfigKeyError as error:
        raise BadInput(unknown_key(str(error.full_key), keys(schema))) from None
    except MissingMandatoryValue as error:
        raise BadInput(f"{error.full_key}: must be given; add {error.full_key}=VALUE") from None
    except InterpolationResolutionError as error:
        raise BadInput(f"{error.full_key}: {first_line(error)}") from None
    except ValidationError as error:
        value = OmegaConf.select(config, str(error.full_key))
        if isinstance(value, float) and value.is_integer():
            whole = copy.deepcopy(config)
            OmegaConf.update(whole, str(error.full_key), int(value))
            return read(whole, schema)
        raise BadInput(f"{error.full_key}: {first_line(error)}") from None
    except OmegaConfBaseException as error:
        raise BadInput(f"{error.full_key or 'configuration'}: {first_line(error)}") from None


def keys(schema: type, prefix: str = "") -> list[str]:
    """Dotted names of all keys of ``schema``, groups included."""
    hints = get_type_hints(schema)
    names = []
    for each in fields(schema):
        names.append(prefix + each.name)
        if is_dataclass(hints[each.name]):
            names += keys(hints[each.name], f"{prefix}{each.name}.")
    return names


def unknown_key(key: str, known: Iterable[str]) -> str:
    """One line for a key that nothing reads."""
    return f"{key}: no such key{nearest(key, known)}; --cfg job shows all keys"


def nearest(word: str, known: Iterable[str]) -> str:
    """ ", did you mean X?" where a known word is near, else nothing."""
    close = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f", did you mean {close[0]}?" if close else ""


def first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0]
