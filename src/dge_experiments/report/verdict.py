"""The wording of verdicts: what a score is worth, in plain sentences."""

from collections.abc import Mapping, Sequence

NAMES = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "mcc": "MCC",
    "roc_auc": "ROC AUC",
    "average_precision": "average precision",
    "brier": "Brier score (lower is better)",
    "log_loss": "log loss (lower is better)",
}


def leak(sources: Sequence[str], target: str, rule: str) -> str:
    """One sentence on whether the features hold the answer."""
    if not sources:
        return f"No feature is read by the rule of target={target} ({rule})."
    return (
        f"LEAK: target={target} is the rule {rule}, and {', '.join(sources)} is among the features: "
        "a perfect score shows only that the model can read its own label."
    )


def score(model: str, test: Mapping[str, float], baseline: Mapping[str, float], genes: int) -> str:
    """One sentence on the held-out score beside the constant answer's."""
    return (
        f"{model} is right on {test['accuracy']:.1%} of {genes} held-out genes, where always answering the most "
        f"frequent class is right on {baseline['accuracy']:.1%}; balanced accuracy "
        f"{test['balanced_accuracy']:.3f} (chance {baseline['balanced_accuracy']:.3f}), MCC {test['mcc']:.3f}."
    )
