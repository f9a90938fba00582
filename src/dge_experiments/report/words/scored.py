"""The wording of a table's predictions."""

from collections.abc import Mapping
from typing import Any

from dge_experiments.prediction.score import Summary

RATE_RATIO = 2


def lines(summary: Summary, about: Mapping[str, Any]) -> dict[str, str]:
    """Named lines: how many genes got which class, which got none and why, and which are unlike the training genes;
    ``about`` is the model's metadata (see ``prediction.score.Scorer.metadata``)."""
    calibration = about.get("calibration")
    classes = ", ".join(f"{count:,} {name}" for name, count in summary.classes.items())
    named_lines = {"scored": f"{summary.scored:,} of {summary.rows:,} rows: {classes}"}
    if summary.reasons:
        named_lines["skipped"] = ", ".join(
            f"{count:,} ({reason})" for reason, count in summary.reasons.items()
        )
    if not summary.probabilities:
        named_lines["p(class)"] = (
            "none: this model has no probabilities (a run with calibration=auto gives them)"
        )
    elif calibration is not None and calibration != "none":
        named_lines["p(class)"] = f"calibrated ({calibration}, on the folds of the training)"
    elif calibration is not None:
        tried = about.get("calibration_asked") == "auto"
        why = (
            "of calibration=auto none was better" if tried else "a run with calibration=auto calibrates them"
        )
        named_lines["p(class)"] = f"as the model gives them, not calibrated ({why})"
    outside = ", ".join(f"{name} {count:,}" for name, count in summary.outside.items() if count)
    if outside:
        named_lines["outside"] = (
            f"{summary.any_outside:,} rows lie outside the range of the training data: {outside}"
        )
    elif summary.outside:
        named_lines["outside"] = "every row lies within the range of the training data"
    leaks = []
    if (leak := about.get("leak", "none")) != "none":
        leaks.append(f"the model reads its own label, through {leak} (see its target and features)")
    if shared := about.get("shared_rows"):
        leaks.append(f"its score measures memory: {shared} held-out rows repeated a training row")
    if leaks:
        named_lines["leak"] = "; ".join(leaks)
    if graded := about.get("carries_label"):
        named_lines["nearly"] = (
            f"{graded} alone or together nearly answered in training, though no proof of a leak"
        )
    return named_lines


def rates(predicted: float, trained: float, name: str) -> str:
    """The mean probability of a class compared with its share among the training genes."""
    sentence = f"{predicted:.1%} {name} on average, in training {trained:.1%} were"
    if not trained / RATE_RATIO <= predicted <= trained * RATE_RATIO:
        sentence += f": more than {RATE_RATIO}-fold apart, so that the probabilities may be off"
    return sentence
