"""Importance of search parameters by Optuna's evaluators, compared with the importance under shuffled scores."""

import warnings
from collections.abc import Sequence

import numpy as np
import optuna
import pandas as pd
from numpy.typing import NDArray
from optuna.importance import FanovaImportanceEvaluator, PedAnovaImportanceEvaluator, get_param_importances

from dge_experiments.search.engine import Trial
from dge_experiments.search.space import Candidate, Space, distributions
from dge_experiments.search.strategies import new_study
from dge_experiments.search.workers import in_order

COLUMNS = ["parameter", "evaluator", "importance", "chance_low", "chance_high"]
FEWEST = 10
SHUFFLES = 39  # the lowest and the highest of them leave out 2 in 40
TREES, FEW_TREES = 64, 8  # of fANOVA's forest: Optuna's own number, and the number under shuffled scores
MOST = 200  # trials that fANOVA is computed on: its time grows with their square


def search_importance(
    trials: Sequence[Trial], space: Space, scoring: str, *, seed: int
) -> tuple[pd.DataFrame, str]:
    """Importance of each parameter by PED-ANOVA and by fANOVA; each evaluator's values sum to 1.

    The two ask different things. PED-ANOVA: which parameter decides whether a trial is among the best tenth
    (or the best 5, if that is more). fANOVA: which explains the variance of the score over the whole space, on at
    most ``MOST`` trials.

    Values that sum to 1 rank parameters even where none matters. So the scores are shuffled among the trials 39
    times: without any effect, an importance lies outside the lowest and the highest of the 39 in 2 of 40 cases.
    fANOVA's forest is smaller there, which makes the range wider, not narrower.

    Parameters
    ----------
    trials : finished trials of one search
    space : what their candidates were taken from
    scoring : the metric that was maximised
    seed : of fANOVA's forest and of the shuffles

    Returns
    -------
    The frame (columns ``parameter``, ``evaluator``, ``importance``, and the 95 % range under shuffled scores,
    ``chance_low`` and ``chance_high``; by evaluator, largest first) and a sentence on what it rests on, or on why it
    is empty.

    References
    ----------
    Watanabe, Bansal & Hutter 2023 (PED-ANOVA), IJCAI, arXiv:2304.10255.
    Hutter, Hoos & Leyton-Brown 2014 (fANOVA), Proceedings of Machine Learning Research 32:754.
    """
    scores = np.array([trial.mean(scoring) for trial in trials])
    varied = {name: space[name] for name in space if len({trial.candidate[name] for trial in trials}) > 1}
    if len(trials) < FEWEST or len(varied) < 2 or len(set(scores)) < 2:
        why = f"{len(trials)} trials, {len(varied)} parameters that vary, {len(set(scores))} scores"
        needed = f"{FEWEST} trials, 2 and 2 are needed"
        return pd.DataFrame(columns=COLUMNS), f"No parameter importance: {why}; {needed}."
    candidates = [{name: trial.candidate[name] for name in varied} for trial in trials]
    rated = _rated(candidates, varied, scores, seed, TREES)
    orders = [np.random.default_rng([seed, k]).permutation(scores) for k in range(SHUFFLES)]
    shuffled = in_order([(_rated, (candidates, varied, order, seed, FEW_TREES)) for order in orders])
    rows = []
    for (evaluator, parameter), importance in rated.items():
        chance = [shuffle[evaluator, parameter] for shuffle in shuffled]
        rows.append((parameter, evaluator, importance, min(chance), max(chance)))
    frame = pd.DataFrame(rows, columns=COLUMNS)
    above = frame.loc[frame["importance"] > frame["chance_high"], "parameter"].unique()
    note = (
        f"Importance over {len(trials)} trials: PED-ANOVA for being among the best {_share(candidates):.0%}, fANOVA "
        f"for the variance of the score. Above the 95 % range under shuffled scores: {', '.join(above) or 'none'}."
    )
    return frame, note


def _rated(
    candidates: Sequence[Candidate], space: Space, scores: NDArray[np.float64], seed: int, trees: int
) -> dict[tuple[str, str], float]:
    """(evaluator, parameter) -> importance, had the candidates scored ``scores``; by evaluator, largest first."""
    all_trials = list(range(len(scores)))
    fanova_trials = (
        all_trials
        if len(scores) <= MOST
        else np.random.default_rng(seed).choice(all_trials, MOST, False).tolist()
    )
    rated: dict[tuple[str, str], float] = {}
    for name, evaluator, numbers in (
        ("PED-ANOVA", PedAnovaImportanceEvaluator(target_quantile=_share(candidates)), all_trials),
        ("fANOVA", FanovaImportanceEvaluator(n_trees=trees, seed=seed), fanova_trials),
    ):
        study = _study([candidates[i] for i in numbers], space, scores[numbers])
        try:
            with warnings.catch_warnings():
                # PED-ANOVA warns where all trials are among the best; the values show it
                warnings.simplefilter("ignore")
                importances = get_param_importances(study, evaluator=evaluator)
        except RuntimeError:  # fANOVA: its trees see one score alone
            importances = dict.fromkeys(space, 0.0)
        rated |= {(name, parameter): importance for parameter, importance in importances.items()}
    return rated


def _share(candidates: Sequence[Candidate]) -> float:
    """The share of trials that count as the best: a tenth, or 5 trials."""
    return max(0.1, 5 / len(candidates))


def _study(candidates: Sequence[Candidate], space: Space, scores: NDArray[np.float64]) -> optuna.Study:
    study, dimensions = new_study(), distributions(space)
    study.add_trials(
        optuna.trial.create_trial(params=candidate, distributions=dimensions, value=float(score))
        for candidate, score in zip(candidates, scores, strict=True)
    )
    return study
