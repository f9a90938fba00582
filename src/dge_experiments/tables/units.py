"""From a file's units to the canonical ones; every conversion is exact and named."""

import numpy as np

from dge_experiments.tables.files.numbers import Floats
from dge_experiments.tables.headers.dialect import words

PER_LOG2 = {"log2": 1.0, "ln": float(np.log(2.0)), "log10": float(np.log10(2.0))}
KINDS = {
    "F": ("f", "f_stat", "f_statistic", "f_value", "fvalue", "fstat"),
    "LR": ("lr", "lrt", "chisq", "chi2", "chi_squared", "lr_stat", "deviance"),
    "stat": ("u", "w", "u_stat", "w_stat", "auc"),
}


def effect_scale(declared: str, header: str, effect: Floats) -> tuple[str, str]:
    """Scale of the effect and whether it was ``declared``, ``named`` by the header, or ``assumed``.

    A fold change whose header says no logarithm is linear unless its values forbid that: a ratio is never
    negative, and a signed linear fold never lies inside (-1, 1).
    """
    if declared != "by_header" and declared != "linear":
        return declared, "declared"
    name = words(header)
    if declared == "by_header":
        for scale, marks in (
            ("log10", ("log10",)),
            ("log2", ("log2", "log_2", "l2fc", "l2_", "lg2")),
            ("ln", ("loge",)),
        ):
            if any(mark in name for mark in marks):
                return scale, "named"
        if name.startswith("ln"):
            return "ln", "named"
        if "log" in name or "lfc" in name:
            return "log2", "named"
    finite = effect[np.isfinite(effect)]
    if any(mark in name for mark in ("fc", "fold", "ratio")):
        if len(finite) and (finite < 0).any() and ((finite > -1) & (finite < 1) & (finite != 0)).any():
            return "log2", "assumed"
        return "linear", "declared" if declared == "linear" else "named"
    return "log2", "assumed"


def effect_log2(effect: Floats, scale: str, header: str) -> tuple[Floats, str | None]:
    """An effect in log2 units, and the formula if it was converted.

    Linear: a signed fold (-3 is three times less) gives sign(x) log2|x|, a ratio log2(x).
    """
    if scale == "linear":
        with np.errstate(divide="ignore", invalid="ignore"):
            if (effect < 0).any():
                return np.sign(effect) * np.log2(np.abs(effect)), f"sign(x) log2|x| of {header}"
            return np.log2(effect), f"log2({header})"
    if scale == "log2":
        return effect, None
    return effect / PER_LOG2[scale], f"{header} / {'ln' if scale == 'ln' else 'log10'} 2"


def mean_log2(mean: Floats, declared: str, header: str) -> tuple[Floats, str | None]:
    """Mean expression in log2 units, and the formula if it was converted.

    ``by_header``: a baseMean, or values above 100, are counts (or intensities); anything else is taken as
    log2.
    """
    if declared == "by_header":
        finite = mean[np.isfinite(mean)]
        large = len(finite) > 0 and float(np.max(finite)) > 100
        declared = "linear" if "base" in words(header) or large else "log2"
    if declared == "linear":
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.log2(mean + 1.0), f"log2({header} + 1)"
    if declared == "ln":
        return mean / PER_LOG2["ln"], f"{header} / ln 2"
    return mean, None


def statistic_name(declared: str, header: str, statistic: Floats, effect: Floats | None) -> str:
    """Canonical column of a statistic: ``t`` if it has a direction, else ``F``, ``LR`` or ``stat``.

    What a dialect calls signed is not where no value is negative though effects are: DESeq2's ``stat`` of a
    likelihood ratio test has the header of the Wald statistic.
    """
    name = words(header)
    if declared == "by_header":
        declared = next((kind for kind, names in KINDS.items() if name in names), "t")
        doubtful = "stat"
    else:
        doubtful = "LR" if name == "stat" else "stat"
    unsigned = not np.fmin.reduce(statistic) < 0
    if declared == "t" and unsigned and effect is not None and np.fmin.reduce(effect) < 0:
        return doubtful
    return declared
