"""The schema of conf/: what each key may hold. A key or value outside it fails before any work is done."""

from dataclasses import dataclass, field
from typing import Any


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
    direction: str | None = None
    effect_scale: str | None = None


@dataclass
class Data:
    name: str | None
    path: str | None
    columns: Columns
    dialect: str | None
    dialects: list[str]
    sheet: str | None
    contrast: str | None
    group: str | None
    missing: str
    encoding: str | None
    ignore: list[str]
    derive: bool
    filter: str | None
    simulated: Simulated | None = None


@dataclass
class Target:
    name: str
    scoring: str
    calibration: str
    threshold: Any = 0.5  # a probability, or auto
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
    trusted: list[str] = field(default_factory=list)


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
class Decision:
    """What to follow up; see ``prediction.decision``."""

    top: int | None
    rate: float | None


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
    threshold: Any  # a probability, or auto
    leak: Leak
    decision: Decision
    sweep_id: str
    resume: bool | str
    verbose: bool
    quiet: bool
    format: str
    out: str
    dry_run: bool
