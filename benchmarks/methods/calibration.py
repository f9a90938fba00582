"""What calibration and threshold do to held-out genes: python benchmarks/methods/calibration.py [seeds] [model ...].

The bundled halves of the leukaemia patients, 12,625 genes of which 5.1 % replicate; each model at its defaults; seeds
deal other genes into the two parts.
"""

import sys
import time
from collections.abc import Sequence

import numpy as np

from dge_experiments.evaluation.assessment import Adjusting, assess
from dge_experiments.experiment.plan import Plan, prepare
from dge_experiments.problem.problem import AS_GIVEN
from dge_experiments.settings.compose import compose
from dge_experiments.settings.estimator import estimator

MODELS = ("logistic_regression", "random_forest", "xgboost")
CALIBRATIONS = ("none", "sigmoid", "beta", "isotonic", "auto")


def assessed(
    plan: Plan, seed: int, calibration: str, threshold: str = "0.5", scoring: str = "average_precision"
):
    return assess(
        plan.pipeline, plan.problem, plan.problem.readings[AS_GIVEN], scoring=scoring,
        adjusting=Adjusting(calibration, threshold), seed=seed, workers=1,
    )  # fmt: skip


def main(seeds: int, models: Sequence[str] = MODELS) -> None:
    start = time.perf_counter()
    print("| model | calibration | log loss | calibration error | chosen |\n|---|---|---|---|---|")
    cuts = {}
    for model in models:
        found = {each: [] for each in CALIBRATIONS}
        cuts[model] = {each: [] for each in ("0.5", "auto")}
        for seed in range(seeds):
            settings = compose(
                [
                    "experiment=replication",
                    f"model={model}",
                    f"seed={seed}",
                    "search=none",
                    "sweep_id=benchmark",
                ]
            )
            plan = prepare(settings, estimator(settings.model))
            for calibration in CALIBRATIONS:
                found[calibration].append(assessed(plan, seed, calibration))
            for threshold in cuts[model]:
                cuts[model][threshold].append(assessed(plan, seed, "none", threshold, "mcc"))
        for calibration, each in found.items():
            losses = np.mean([one.test.scores["log_loss"] for one in each])
            errors = np.mean([one.test.scores["ece"] for one in each])
            chosen = ", ".join(sorted({one.adjustment.method for one in each}))
            print(f"| {model} | {calibration} | {losses:.4f} | {errors:.4f} | {chosen} |", flush=True)
    print("\n| model | threshold | MCC, cross-validated | MCC, held out |\n|---|---|---|---|")
    for model, of in cuts.items():
        for threshold, each in of.items():
            folds = np.mean([one.cv.mean("mcc") for one in each])
            test = np.mean([one.test.scores["mcc"] for one in each])
            print(f"| {model} | {threshold} | {folds:.3f} | {test:.3f} |")
    print(f"\n{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3, sys.argv[2:] or MODELS)
