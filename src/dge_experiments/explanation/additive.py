"""SHAP contributions of the features to a model's score, one function for each kind of model."""

import importlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from xgboost import DMatrix

from dge_experiments.explanation.inputs import Floats
from dge_experiments.explanation.svm_shap import radial_svm


@dataclass(frozen=True)
class Additive:
    """Contributions (genes, classes, features), base and output (genes, classes), and what they are."""

    contributions: Floats
    base: Floats
    output: Floats
    unit: str
    method: str


def is_linear(estimator: Any) -> bool:
    """Whether the scores are ``X @ coef.T + intercept``, one row of ``coef_`` per class (or one for two)."""
    if not hasattr(estimator, "coef_") or not hasattr(estimator, "decision_function"):
        return False
    rows = estimator.coef_.shape[0]
    return bool(rows == 1 or (rows == len(estimator.classes_) and not hasattr(estimator, "support_vectors_")))


def xgboost(estimator: Any, scaled: Floats) -> Additive:
    rounds = (0, estimator.best_iteration + 1) if estimator.early_stopping_rounds else (0, 0)
    options: dict[str, Any] = {"validate_features": False, "iteration_range": rounds}
    booster, data = estimator.get_booster(), DMatrix(scaled, nthread=1)
    raw = np.asarray(booster.predict(data, pred_contribs=True, **options), dtype=np.float64)
    margin = np.asarray(booster.predict(data, output_margin=True, **options), dtype=np.float64)
    raw = raw.reshape(len(scaled), -1, scaled.shape[1] + 1)
    margin = margin.reshape(len(scaled), -1)
    return Additive(raw[:, :, :-1], raw[:, :, -1], margin, "log-odds", "TreeSHAP (XGBoost)")


def linear(estimator: Any, scaled: Floats, reference: Floats) -> Additive:
    coef = np.asarray(estimator.coef_, dtype=np.float64)
    mean = reference.mean(axis=0)
    base = np.broadcast_to(mean @ coef.T + estimator.intercept_, (len(scaled), len(coef)))
    output = np.asarray(estimator.decision_function(scaled)).reshape(len(scaled), -1)
    unit = "log-odds" if hasattr(estimator, "predict_log_proba") else "decision value"
    return Additive((scaled - mean)[:, None, :] * coef, base, output, unit, "linear SHAP (closed form)")


def radial(estimator: Any, scaled: Floats, reference: Floats) -> Additive:
    contributions, mean = radial_svm(estimator, scaled, reference)
    output = np.asarray(estimator.decision_function(scaled)).reshape(-1, 1)
    base = np.full_like(output, mean)
    return Additive(contributions[:, None, :], base, output, "decision value", "exact SHAP (product kernel)")


def forest(estimator: Any, scaled: Floats) -> Additive:
    explainer = importlib.import_module("shap").TreeExplainer(estimator)
    values = np.moveaxis(np.asarray(explainer.shap_values(scaled)), 2, 1)
    class_columns = slice(1, None) if len(estimator.classes_) == 2 else slice(None)
    base = np.broadcast_to(
        np.asarray(explainer.expected_value)[class_columns], values[:, class_columns].shape[:2]
    )
    output = np.asarray(estimator.predict_proba(scaled))[:, class_columns]
    return Additive(values[:, class_columns], base, output, "probability", "TreeSHAP (shap)")


def any_model(estimator: Any, scaled: Floats, reference: Floats, seed: int) -> Additive:
    decides = hasattr(estimator, "decision_function")
    class_columns = slice(1, None) if len(estimator.classes_) == 2 and not decides else slice(None)

    def score(rows: Floats) -> Floats:
        scores = np.asarray(estimator.decision_function(rows) if decides else estimator.predict_proba(rows))
        return scores.reshape(len(rows), -1)[:, class_columns]

    shap = importlib.import_module("shap")
    masker = shap.maskers.Independent(reference, max_samples=len(reference))
    exact = scaled.shape[1] <= 10
    explainer = (
        shap.ExactExplainer(score, masker) if exact else shap.PermutationExplainer(score, masker, seed=seed)
    )
    explained = explainer(scaled, silent=True)
    values = np.moveaxis(explained.values.reshape(*scaled.shape, -1), 2, 1)
    base = np.asarray(explained.base_values).reshape(len(scaled), -1)
    unit, kind = "decision value" if decides else "probability", "exact" if exact else "permutation"
    return Additive(values, base, score(scaled), unit, f"{kind} SHAP (shap)")
