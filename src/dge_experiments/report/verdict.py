"""The wording of verdicts: what a score is worth, in plain sentences."""

from collections.abc import Mapping, Sequence


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


def sampled(model: str, rows: int, of: int, final: str) -> str:
    """One sentence on a search that did not see all training genes."""
    last = "the final fit saw all of them" if final == "all" else "the final fit was made on the same sample"
    return f"{model} was searched on a stratified sample of {rows:,} of the {of:,} training genes; {last}."
