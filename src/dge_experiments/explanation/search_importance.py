"""Importance of search parameters by Optuna's evaluators, from a frame of trials."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import optuna
import pandas as pd
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.importance import FanovaImportanceEvaluator, PedAnovaImportanceEvaluator, get_param_importances

Range = Mapping[str, Any]
FEWEST = 10


def search_importance(
    trials: pd.DataFrame, space: Mapping[str, Range], *, seed: int, maximize: bool = True
) -> tuple[pd.DataFrame, str]:
    """Importance of each parameter by PED-ANOVA and by fANOVA; each evaluator's values sum to 1.

    The two ask different things. PED-ANOVA: which parameter decides whether a trial is among the best tenth
    (or the best 5, if that is more). fANOVA: which explains the variance of the score over the whole space.
    fANOVA rates the parameters that every trial has.

    Parameters
    ----------
    trials : finished trials, one row each; columns ``params.<name>`` and ``value``
    space : parameter -> its range, ``{low, high, log}`` or ``{choices}``
    seed : of fANOVA's forest
    maximize : whether a larger value is better

    Returns
    -------
    The frame (columns ``parameter``, ``evaluator``, ``importance``; by evaluator, largest first) and a
    sentence on what it rests on, or on why it is empty.

    References
    ----------
    Watanabe, Bansal & Hutter 2023 (PED-ANOVA), IJCAI, arXiv:2304.10255.
    Hutter, Hoos & Leyton-Brown 2014 (fANOVA), Proceedings of Machine Learning Research 32:754.
    """
    columns = ["parameter", "evaluator", "importance"]
    varied = [name for name in space if trials[f"params.{name}"].nunique(dropna=False) > 1]
    if len(trials) < FEWEST or not varied or trials["value"].nunique() < 2:
        why = f"{len(trials)} trials, {len(varied)} parameters that vary, {trials['value'].nunique()} scores"
        needed = f"{FEWEST} trials, 1 and 2 are needed"
        return pd.DataFrame(columns=columns), f"No parameter importance: {why}; {needed}."
    study = _study(trials, {name: space[name] for name in varied}, maximize)
    best = max(0.1, 5 / len(trials))
    evaluators = {
        "PED-ANOVA": PedAnovaImportanceEvaluator(target_quantile=best),
        "fANOVA": FanovaImportanceEvaluator(seed=seed),
    }
    rows = [
        (parameter, evaluator, importance)
        for evaluator, how in evaluators.items()
        for parameter, importance in get_param_importances(study, evaluator=how).items()
    ]
    note = (
        f"Importance over {len(trials)} trials: PED-ANOVA for being among the best {best:.0%}, "
        "fANOVA for the variance of the score."
    )
    return pd.DataFrame(rows, columns=columns), note


def in_space(value: Any, spec: Range) -> Any:
    """A value from a trials frame as the range has it: whole numbers as int, a missing choice as None.

    pandas turns None among numbers into NaN and whole numbers beside it into floats; this undoes both.
    """
    if "choices" in spec:
        missing = value is None or (isinstance(value, float) and np.isnan(value))
        return next(
            (c for c in spec["choices"] if (missing and c is None) or (not missing and c == value)), value
        )
    return int(value) if _whole(spec) else float(value)


def _study(trials: pd.DataFrame, space: Mapping[str, Range], maximize: bool) -> optuna.Study:
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize" if maximize else "minimize")
    optuna.logging.set_verbosity(verbosity)
    distributions = {name: _distribution(trials[f"params.{name}"], spec) for name, spec in space.items()}
    for _, trial in trials.iterrows():
        settings = {
            name: in_space(trial[f"params.{name}"], spec)
            for name, spec in space.items()
            if given(trial[f"params.{name}"], spec)
        }
        study.add_trial(
            optuna.trial.create_trial(
                params=settings,
                distributions={name: distributions[name] for name in settings},
                value=float(trial["value"]),
            )
        )
    return study


def _distribution(values: pd.Series, spec: Range) -> BaseDistribution:
    """The range as Optuna's distribution, widened to the values tried (a resumed search may have moved)."""
    if "choices" in spec:
        tried = [in_space(value, spec) for value in values if given(value, spec)]
        return CategoricalDistribution(list(dict.fromkeys([*spec["choices"], *tried])))
    low, high = min(spec["low"], values.min()), max(spec["high"], values.max())
    log = bool(spec.get("log", False))
    return (
        IntDistribution(int(low), int(high), log=log)
        if _whole(spec)
        else FloatDistribution(low, high, log=log)
    )


def given(value: Any, spec: Range) -> bool:
    """Whether a trial has the parameter: a missing value is a setting only where None is a choice."""
    return not pd.isna(value) or None in spec.get("choices", ())


def _whole(spec: Range) -> bool:
    return all(isinstance(spec[bound], int) for bound in ("low", "high"))
