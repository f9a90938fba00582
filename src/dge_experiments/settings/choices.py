"""Settings that are one of a few words."""

from enum import StrEnum


class Search(StrEnum):
    """How candidates are chosen; see ``search.strategies``."""

    none = "none"
    grid = "grid"
    random = "random"
    tpe = "tpe"


class Compute(StrEnum):
    """Where fits run; see ``search.compute``."""

    local = "local"
    dask = "dask"


class Store(StrEnum):
    """Where runs are kept; see ``tracking.store``."""

    local = "local"
    server = "server"
    none = "none"


class Calibration(StrEnum):
    """How probabilities are calibrated; see ``evaluation.calibrators``."""

    auto = "auto"
    none = "none"
    sigmoid = "sigmoid"
    beta = "beta"
    isotonic = "isotonic"


class LeakPolicy(StrEnum):
    """What becomes of label sources among the features; see ``problem.allowed``."""

    warn = "warn"
    drop = "drop"
    fail = "fail"


class LeakSearch(StrEnum):
    """Which search the honest score's parameters come from: one of its ``own``, on the features that are left, or the
    ``same`` as the score as given."""

    own = "own"
    same = "same"


class LeakGate(StrEnum):
    """What registration does with a model whose features hold the answer, or nearly, or whose held-out rows repeat
    training rows: take its pipeline without those features, warn, or refuse it."""

    honest = "honest"
    warn = "warn"
    refuse = "refuse"


class FinalFit(StrEnum):
    """What the last fit sees where the search ran on a sample (``model.max_rows``)."""

    sample = "sample"
    all = "all"


class CvRows(StrEnum):
    """What the reported cross-validation is computed on."""

    train = "train"
    all = "all"


class Deal(StrEnum):
    """What the split depends on: the ids of the genes, or the order of the rows."""

    ids = "ids"
    rows = "rows"


class Missing(StrEnum):
    """What becomes of rows with a missing value."""

    drop = "drop"
    error = "error"


class Ids(StrEnum):
    """The kind that ids are brought to; see ``tables.ids``."""

    as_is = "as_is"
    symbol = "symbol"
    ensembl = "ensembl"
    entrez = "entrez"


class EffectScale(StrEnum):
    """The scale of the effect in the file; see ``tables.units``."""

    log2 = "log2"
    ln = "ln"
    log10 = "log10"
    linear = "linear"


class TableFormat(StrEnum):
    """How ``compare`` shows its leaderboards."""

    table = "table"
    csv = "csv"
    json = "json"
    html = "html"


class InspectFormat(StrEnum):
    """How ``inspect`` answers."""

    text = "text"
    json = "json"
    html = "html"


class TextFormat(StrEnum):
    """How a command answers."""

    text = "text"
    json = "json"
