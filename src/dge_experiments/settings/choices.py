"""Settings that are one of a few words."""

from enum import StrEnum


class Search(StrEnum):
    """How candidate parameters are chosen; see ``search.strategies``."""

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
    """What to do with label sources among the features; see ``problem.allowed``."""

    warn = "warn"
    drop = "drop"
    fail = "fail"


class LeakSearch(StrEnum):
    """The search that gives the honest score's parameters: its ``own``, on the features without label sources, or the
    ``same`` as for the score as given."""

    own = "own"
    same = "same"


class LeakGate(StrEnum):
    """What registration does with a leaking model: take its honest pipeline, warn, or refuse it.

    A model leaks if its features give the label away, in full or nearly, or if its held-out rows repeat training rows.
    """

    honest = "honest"
    warn = "warn"
    refuse = "refuse"


class FinalFit(StrEnum):
    """The rows of the final fit where the search ran on a sample (``model.max_rows``)."""

    sample = "sample"
    all = "all"


class CvRows(StrEnum):
    """The rows of the reported cross-validation."""

    train = "train"
    all = "all"


class Deal(StrEnum):
    """What the split depends on: the ids of the genes, or the order of the rows."""

    ids = "ids"
    rows = "rows"


class Missing(StrEnum):
    """What to do with rows that have a missing value."""

    drop = "drop"
    error = "error"


class Ids(StrEnum):
    """The kind of id that gene ids are converted to; see ``tables.ids``."""

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
    """The format of the leaderboards of ``compare``."""

    table = "table"
    csv = "csv"
    json = "json"
    html = "html"


class InspectFormat(StrEnum):
    """The output format of ``inspect``."""

    text = "text"
    json = "json"
    html = "html"


class TextFormat(StrEnum):
    """The output format of a command."""

    text = "text"
    json = "json"
