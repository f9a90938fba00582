"""The wording of what was predicted for a table."""

from dge_experiments.prediction.score import Summary


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
    found["outside"] = (
        f"{summary.any_outside:,} rows lie outside the range of the training data: {outside}"
        if outside
        else "every row lies within the range of the training data"
    )
    if leak not in ("none", "unknown"):
        found["leak"] = f"the model reads its own label, through {leak} (see its target and features)"
    return found
