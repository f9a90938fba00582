"""The wording of what was predicted for a table."""

from dge_experiments.prediction.score import Summary

RATE_RATIO = 2


def lines(summary: Summary, leak: str, calibration: str | None) -> dict[str, str]:
    """Named lines: how many genes got which answer, which got none and why, and which are unlike the training's."""
    classes = ", ".join(f"{count:,} {name}" for name, count in summary.classes.items())
    found = {"scored": f"{summary.scored:,} of {summary.rows:,} rows: {classes}"}
    if summary.reasons:
        found["skipped"] = ", ".join(f"{count:,} ({reason})" for reason, count in summary.reasons.items())
    if not summary.probabilities:
        found["p(class)"] = "none: this model has no probabilities (a run with calibration=auto gives them)"
    elif calibration is not None:
        found["p(class)"] = (
            "as the model gives them, not calibrated (a run with calibration=auto calibrates them)"
            if calibration == "none"
            else f"calibrated ({calibration}, on the folds of the training)"
        )
    outside = ", ".join(f"{name} {count:,}" for name, count in summary.outside.items() if count)
    if outside:
        found["outside"] = (
            f"{summary.any_outside:,} rows lie outside the range of the training data: {outside}"
        )
    elif summary.outside:
        found["outside"] = "every row lies within the range of the training data"
    if leak not in ("none", "unknown"):
        found["leak"] = f"the model reads its own label, through {leak} (see its target and features)"
    return found


def rates(predicted: float, trained: float, name: str) -> str:
    """How the mean probability of a class compares with its share among the training genes."""
    found = f"{predicted:.1%} {name} on average, in training {trained:.1%} were"
    if not trained / RATE_RATIO <= predicted <= trained * RATE_RATIO:
        found += f": more than {RATE_RATIO}-fold apart, so that the probabilities may be off"
    return found
