"""One verdict on the models of a question, by one metric: which beat the baseline, and which beat each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from dge_experiments.evaluation.chance import p_value
from dge_experiments.evaluation.comparison import corrected_t_test, holm
from dge_experiments.evaluation.gain import gain
from dge_experiments.evaluation.intervals import intervals
from dge_experiments.evaluation.metrics import REGISTRY
from dge_experiments.evaluation.practical import FOLDS, practical
from dge_experiments.search.prediction import Prediction

ALPHA = 0.05
SMALL_GAIN = 0.02

Labels = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Verdict:
    """Attributes
    ----------
    metric : what is compared, higher is better
    genes : number of held-out genes
    baseline, baseline_score : what the models are compared with, and its score on the same genes
    models : one row per model (index), the best score first: `score`, `low`, `high`; `gain` over the baseline with
        `gain_low`, `gain_high`; `p_value`, `p_holm` over the models; `above`: whether it is better than the baseline
    pairs : one row per pair, the better score first: `first`, `second`, `difference`, `low`, `high`, `p_value`,
        `p_holm` over all pairs, `differs`, `power` to find a true difference of 0.02; on 25 folds or more also
        `p_folds` (corrected resampled t-test) and `folds_first`, `folds_equal`, `folds_second` (see `practical`)
    folds : number of folds that the pairs were also compared on; 0 for held-out genes alone
    tied : the models above the baseline that no other model beats; none where no model is above it
    simplest : the first of the tied in the order of simplicity; None where there is none, or one is not in the order
    """

    metric: str
    genes: int
    baseline: str
    baseline_score: float
    models: pd.DataFrame
    pairs: pd.DataFrame
    tied: tuple[str, ...]
    simplest: str | None
    folds: int = 0

    def renamed(self, names: Mapping[str, str]) -> Self:
        """The same with other names of the models; one that ``names`` has not stays."""
        pairs = self.pairs.replace({"first": names, "second": names}) if len(self.pairs) else self.pairs
        return replace(
            self,
            models=self.models.rename(index=names),
            pairs=pairs,
            tied=tuple(names.get(model, model) for model in self.tied),
            simplest=self.simplest and names.get(self.simplest, self.simplest),
        )

    @property
    def above(self) -> tuple[str, ...]:
        """The models that are better than the baseline."""
        return tuple(map(str, self.models.index[self.models["above"]]))

    @property
    def power(self) -> float | None:
        """The median chance to detect a difference of 0.02 between models with no significant one; None if all pairs
        differ."""
        power = self.pairs.loc[~self.pairs["differs"], "power"]
        return float(power.median()) if len(power) else None


def verdict(
    y: Labels,
    answers: Mapping[str, Prediction],
    metric: str,
    *,
    constant: int,
    seed: int,
    ranking: tuple[str, Prediction] | None = None,
    groups: npt.ArrayLike | None = None,
    folds: pd.DataFrame | None = None,
    fold_sizes: tuple[int, int] = (4, 1),
    order: Sequence[str] = (),
    alpha: float = ALPHA,
) -> Verdict:
    """Compare models with the baseline and with each other on the same held-out genes.

    The baseline is the constant answer (see `chance.p_value`), or, where one is given, a ranking by one statistic
    (see `gain.gain`). Pairs are compared by `gain.gain`. Both families of tests are corrected by Holm's method.

    Parameters
    ----------
    y : shape (genes,), class codes, every class present
    answers : model -> its predictions for these genes
    metric : of `metrics.REGISTRY`
    constant : the class that the constant answer gives
    seed : of permutations and posteriors
    ranking : name and predictions of a ranking by one statistic, chosen without these genes
    groups : shape (genes,), equal where rows share a gene
    folds : rows are folds, columns are models: scores on the same folds
    fold_sizes : relative numbers of genes fitted on and scored on in a fold
    order : models, the simplest first; the simplicity of models that are not in it is unknown

    Raises
    ------
    ValueError
        no model
    """
    if not answers:
        raise ValueError("a verdict needs a model")
    unranked = np.zeros_like(next(iter(answers.values())).ranking)
    name, baseline = ranking or ("constant answer", Prediction(np.full_like(y, constant), unranked, None))
    base = REGISTRY[metric].score(y, baseline)

    def against_baseline(answer: Prediction) -> tuple[float, ...]:
        low, high = map(float, intervals(y, answer, seed=seed, groups=groups, also=metric).loc[metric])
        score = REGISTRY[metric].score(y, answer)
        if ranking is not None or metric == "accuracy":
            lead = gain(y, answer, baseline, metric, groups)
            ends = lead.low, lead.high
        else:
            ends = low - base, high - base
        if ranking is None:
            p = p_value(y, answer, metric, constant=constant, seed=seed, groups=groups)
        else:
            p = lead.p_value / 2 if lead.difference > 0 else 1 - lead.p_value / 2
        return score, low, high, score - base, *ends, p

    rows = {model: against_baseline(answer) for model, answer in answers.items()}
    columns = ["score", "low", "high", "gain", "gain_low", "gain_high", "p_value"]
    models = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("model")
    models["p_holm"] = holm(models["p_value"])
    models["above"] = models["p_holm"] < alpha
    models = models.sort_values("score", ascending=False, kind="stable")
    pairs = _pairs(y, answers, list(models.index), metric, groups, alpha)
    on_folds = 0 if folds is None or len(folds) < FOLDS else len(folds)
    if folds is not None and on_folds:
        pairs = _on_folds(pairs, folds, fold_sizes)
    beaten = set(pairs.loc[pairs["differs"], "second"])
    tied = tuple(model for model in models.index[models["above"]] if model not in beaten)
    simplest = min(tied, key=list(order).index, default=None) if set(tied) <= set(order) else None
    return Verdict(metric, len(y), name, base, models, pairs, tied, simplest, on_folds)


def _pairs(
    y: Labels,
    answers: Mapping[str, Prediction],
    best_first: list[str],
    metric: str,
    groups: npt.ArrayLike | None,
    alpha: float,
) -> pd.DataFrame:
    couples = list(combinations(best_first, 2))
    gains = [gain(y, answers[first], answers[second], metric, groups) for first, second in couples]
    frame = pd.DataFrame(couples, columns=["first", "second"])
    frame["difference"] = [gained.difference for gained in gains]
    frame["low"], frame["high"] = [gained.low for gained in gains], [gained.high for gained in gains]
    frame["p_value"] = [gained.p_value for gained in gains]
    frame["p_holm"] = holm(frame["p_value"])
    frame["differs"] = (frame["p_holm"] < alpha).astype(bool)
    frame["power"] = [gained.power(SMALL_GAIN, alpha / len(gains)) for gained in gains]
    return frame


def _on_folds(pairs: pd.DataFrame, folds: pd.DataFrame, sizes: tuple[int, int]) -> pd.DataFrame:
    """The pairs, with the tests on the folds where both models have scores on them."""
    tests = []
    for first, second in zip(pairs["first"], pairs["second"], strict=True):
        if first not in folds or second not in folds:
            tests.append((np.nan,) * 4)
            continue
        differences = folds[first] - folds[second]
        chances = practical(differences, *sizes)
        tests.append((corrected_t_test(differences, *sizes)[1], chances.first, chances.equal, chances.second))
    names = ["p_folds", "folds_first", "folds_equal", "folds_second"]
    return pairs.join(pd.DataFrame(tests, columns=names, index=pairs.index))
