"""Convert a file's units to the canonical ones; every conversion is exact and named."""

import re
from typing import Any

import numpy as np
import pandas as pd

from dge_experiments.tables.files.numbers import MISSING, Floats
from dge_experiments.tables.headers.names import words

PER_LOG2 = {"log2": 1.0, "ln": float(np.log(2.0)), "log10": float(np.log10(2.0))}
KINDS = {
    "F": ("f", "f_stat", "f_statistic", "f_value", "fvalue", "fstat"),
    "LR": ("lr", "lrt", "chisq", "chi2", "chi_squared", "lr_stat", "deviance"),
    "stat": ("u", "w", "u_stat", "w_stat", "auc"),
}


CHANCE = r"(p|q|fdr|padj|adjp|pfdr)(_?val(ue)?s?)?(_?(adj(usted)?|corr(ected)?|fdr|bh))?"
BETWEEN = r"((adj(usted)?|corr(ected)?|bh|fdr|raw|nominal|(student_s_|welch_s_)?t_test|anova|wilcox(on)?)_?)*"
NEG_LOG = re.compile(rf"(.*_)?(neg_?|nl?_?|m_?|minus_?)?(log|lg)_?(10)?_?{BETWEEN}{CHANCE}(_.*)?")
UP = frozenset(
    "up upregulated up_regulated upregulation up_regulation increased increase higher high positive pos over "
    "overexpressed induced activated gain 1 上调 上昇 増加".split()
)
DOWN = frozenset(
    "down downregulated down_regulated downregulation down_regulation decreased decrease lower low negative neg "
    "under underexpressed repressed suppressed loss dn 下调 下降 低下 減少".split()
)
NEITHER = frozenset(
    "ns n_s not_significant notsig not_sig nonsignificant non_significant no none unchanged no_change nochange "
    "stable normal neutral equal same not_de 0 na false 不变 不変".split()
)


def percent(header: str) -> bool:
    """Whether a header says that its probabilities are percentages, as ``q-value(%)`` and ``% FDR`` do."""
    return re.search(r"^\s*%|(^|[^\d\s])\s*%[)\]]?$|(?i:\bpercent\b)", header) is not None


def is_neg_log(header: str) -> bool:
    """Whether a header says that its values are -log10 of probabilities, as ``-log10(padj)`` does."""
    return NEG_LOG.fullmatch(words(header)) is not None


def is_absolute(header: str) -> bool:
    """Whether a header says that its effects have lost their sign, as ``FC (abs)`` and ``|log2FC|`` do."""
    text = header.strip()
    return (text.startswith("|") and text.count("|") == 2) or bool(
        {"abs", "absolute", "magnitude"} & set(words(header).split("_"))
        or re.match(r"abs_?(log|l2|fc|fold)", words(header))
    )


def directions(cells: "pd.Series[Any]") -> Floats | None:
    """1 for each cell that says up, -1 for down, NaN for neither; None if the cells say something else."""
    codes = {word: _direction(word) for word in set(cells)}
    if None in codes.values() or not {1.0, -1.0} & set(codes.values()):
        return None
    return cells.map(codes).to_numpy(dtype="float64")


def _direction(cell: str) -> float | None:
    text = cell.strip()
    if text in ("+", "↑", "▲", "-", "↓", "▼", "−"):
        return 1.0 if text in "+↑▲" else -1.0
    word = words(text)
    if word in UP:
        return 1.0
    if word in DOWN:
        return -1.0
    return float("nan") if word in NEITHER or text in MISSING else None


def deviates(statistic: Floats, p: Floats) -> bool:
    """Whether p falls with the distance from the middle of the statistic on both sides, as for Wilcoxon's W."""
    middle = np.median(statistic[p >= np.quantile(p, 0.8)])
    size = pd.Series(np.abs(statistic - middle)).rank()
    return bool(size.corr(pd.Series(p).rank()) < -0.5)


def log_base(effect: Floats, fold: Floats) -> str | None:
    """The logarithm that turns the folds into the effects: ``log2``, ``ln``, ``log10``, or ``none``.

    None where there are too few pairs. Folds are ratios, or signed (-3 is three times less).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.abs(np.log2(np.abs(fold)))
    telling = np.isfinite(logs) & (np.abs(effect) > 0.2) & (logs > 0.05)
    if telling.sum() < 5:
        return None
    ratio = np.abs(effect[telling]) / logs[telling]
    for name, factor in PER_LOG2.items():
        if np.mean(np.abs(ratio / factor - 1) < 0.05) > 0.9:
            return name
    return "none"


def effect_scale(declared: str, header: str, effect: Floats) -> tuple[str, str]:
    """Scale of the effect and whether it was ``declared``, ``named`` by the header, or ``assumed``.

    A fold change whose header names no logarithm is linear unless its values rule that out: a ratio is never
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
    if any(mark in name for mark in ("fc", "fold", "ratio", "倍")):
        if len(finite) and (finite < 0).any() and ((finite > -1) & (finite < 1) & (finite != 0)).any():
            return "log2", "assumed"
        return "linear", "declared" if declared == "linear" else "named"
    return "log2", "assumed"


def effect_log2(
    effect: Floats, scale: str, header: str, sign: Floats | None = None
) -> tuple[Floats, str | None]:
    """An effect in log2 units, and the formula if it was converted.

    Linear: a signed fold (-3 is three times less) gives sign(x) log2|x|, a ratio log2(x). ``sign`` is the sign of
    absolute effects.
    """
    if sign is not None:
        size, formula = effect_log2(np.abs(effect), scale, f"|{header.strip('| ')}|")
        return sign * size, f"direction * {formula or '|' + header.strip('| ') + '|'}"
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

    ``by_header``: a baseMean, or values above 100, are counts (or intensities); anything else is read as log2.
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

    A statistic that a dialect calls signed is unsigned where it has no negative value although effects have (or there
    are no effects): DESeq2's ``stat`` of a likelihood ratio test has the header of the Wald statistic.
    """
    name = words(header)
    if declared == "by_header":
        declared = next((kind for kind, names in KINDS.items() if name in names), "t")
        doubtful = "stat"
    else:
        doubtful = "LR" if name == "stat" else "stat"
    unsigned = not np.fmin.reduce(statistic) < 0
    if declared == "t" and unsigned and (effect is None or np.fmin.reduce(effect) < 0):
        return doubtful
    return declared
