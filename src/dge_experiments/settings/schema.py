"""The schema of conf/: what each key may hold. A key or value outside it fails before any work is done."""

from dataclasses import dataclass, field
from typing import Annotated, Any

from omegaconf import MISSING

from dge_experiments.settings import choices
from dge_experiments.settings.rules import (
    COLUMN,
    COUNT,
    FOLDS,
    LABEL,
    NAME,
    PACKAGE,
    PERMUTATIONS,
    POSITIVE,
    SEED,
    SHARE,
    TEXT,
    WORD,
    Nested,
    Range,
    ShareOrAuto,
    Tables,
)

Column = Annotated[str, COLUMN]
Count = Annotated[int, COUNT]
Described = Annotated[dict[str, Any], Nested()]
Name = Annotated[str, NAME]
Seed = Annotated[int, SEED]
Text = Annotated[str, TEXT]
Threshold = Annotated[Any, ShareOrAuto()]
Word = Annotated[str, WORD]


@dataclass
class Simulated:
    genes: Annotated[int, Range(1, 10**8)]
    samples: Annotated[int, Range(2, 10**6)]
    changed: Annotated[float, SHARE]
    prior_df: Annotated[float, POSITIVE]
    prior_variance: Annotated[float, POSITIVE]
    effect_variance: Annotated[float, POSITIVE]
    seed: Seed


@dataclass
class Columns:
    id: Column | None = None
    effect: Column | None = None
    mean: Column | None = None
    statistic: Column | None = None
    p: Column | None = None
    adjusted_p: Column | None = None
    se: Column | None = None
    log_odds: Column | None = None
    group: Column | None = None
    direction: Column | None = None
    effect_scale: choices.EffectScale | None = None


@dataclass
class Reading:
    """How a table is read; see ``tables.reading``."""

    name: Name | None = None
    columns: Columns = field(default_factory=Columns)
    dialect: Name | None = None
    dialects: list[Text] = field(default_factory=list)
    encoding: Word | None = None
    sheet: Text | None = None
    contrast: Column | None = None
    group: Column | None = None
    missing: choices.Missing = choices.Missing.drop
    ids: choices.Ids = choices.Ids.as_is
    ids_from: Text | None = None
    ignore: list[Word] = field(default_factory=list)
    derive: bool = False
    filter: Column | None = None


@dataclass
class Data(Reading):
    path: Text | None = MISSING
    simulated: Simulated | None = None


@dataclass
class Target:
    name: Word
    scoring: Annotated[str, LABEL]
    calibration: choices.Calibration
    threshold: Threshold = 0.5
    magnitudes: bool = False
    lfc: Annotated[float, Range(0, 1000)] | None = None
    fdr: Annotated[float, Range(above=0, high=1)] | None = None
    path: Annotated[Any, Tables()] = None
    table: Reading = field(default_factory=Reading)
    tables: Described | None = None
    alpha: Annotated[float, SHARE] | None = None
    agreement: Count | None = None
    column: Column | None = None
    positive: Column | None = None
    rule: Text | None = None
    reads: list[Column] = field(default_factory=list)
    trusted: list[Annotated[str, PACKAGE]] = field(default_factory=list)


@dataclass
class Features:
    name: Word
    columns: list[Column] | None
    extra: list[Column]
    join: Text | None
    drop_label_sources: bool
    magnitudes: bool


@dataclass
class Split:
    name: Word
    test_size: Annotated[float, SHARE]
    stratify: bool
    seed: Seed
    folds: Annotated[int, FOLDS]
    shuffle: bool
    cv_rows: choices.CvRows
    by: Column | None
    test: list[Column] | None
    deal: choices.Deal = choices.Deal.ids


@dataclass
class Model:
    name: Word
    estimator: Described
    space: Described = field(default_factory=dict)
    multiclass: Described = field(default_factory=dict)
    path: Word | None = None
    max_rows: Count | None = None
    final_fit: choices.FinalFit = choices.FinalFit.sample
    trusted: list[Annotated[str, PACKAGE]] = field(default_factory=list)
    title: Text | None = None
    cite: Text | None = None
    simplicity: Annotated[float, Range(0, 1000)] | None = None

    @property
    def called(self) -> str:
        """The name of the model inside a sentence."""
        return self.title or self.name.replace("_", " ")

    @property
    def first(self) -> str:
        """The name of the model at the start of a sentence; without a title, that of its file."""
        return f"{self.title[0].upper()}{self.title[1:]}" if self.title else self.called


@dataclass
class Search:
    name: choices.Search
    scoring: Annotated[str, LABEL]
    trusted: list[Annotated[str, PACKAGE]]
    models: list[Word] | None
    n_trials: Annotated[int, Range(1, 10**6)] | None
    timeout: Annotated[float, Range(above=0, high=10**8)] | None
    batch: Annotated[int, Range(1, 10**5)] | None
    racing: bool


@dataclass
class Evaluation:
    name: Word
    repeats: Annotated[int, Range(1, 1000)]
    outer_folds: Annotated[int, Range(2, 1000, also=(0,))]
    permutations: Annotated[int, PERMUTATIONS]
    bias_corrected: bool
    external: Annotated[Any, Tables()]


@dataclass
class Decision:
    """What to follow up; see ``prediction.decision``."""

    top: Count | None
    rate: Annotated[float, SHARE] | None


@dataclass
class Leak:
    policy: choices.LeakPolicy
    search: choices.LeakSearch = choices.LeakSearch.own


@dataclass
class Compute:
    name: choices.Compute
    workers: Annotated[int, Range(1, 4096)] | None
    scheduler: Text | None


@dataclass
class Explanation:
    name: Word
    methods: list[Word]
    max_rows: Annotated[int, Range(100, 10**9)] | None


@dataclass
class Tracking:
    name: choices.Store
    uri: Text | None
    patience: Annotated[float, Range(0, 10**8)] = 600.0


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
    seed: Seed
    calibration: choices.Calibration
    threshold: Threshold
    leak: Leak
    decision: Decision
    studies: Annotated[Any, Tables()]  # null, or at least three tables
    sweep_id: Annotated[str, LABEL]
    resume: Annotated[bool | str, LABEL]
    verbose: bool
    quiet: bool
    format: choices.TextFormat
    out: Text
    dry_run: bool
