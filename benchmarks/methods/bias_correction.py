"""How far cross-validated scores lie from the truth: python benchmarks/methods/bias_correction.py [REPEATS] [MODEL ...]

100 training genes, 20 random candidates, 5 folds, ROC AUC. ``noise``: no feature knows the class, so that the truth is
0.5. ``signal``: one of six does, 1 standard deviation apart; the truth is the score of the refitted best on 5,000 fresh
genes. Nested cross-validation, of a quarter of the noise, makes the whole search again in 5 outer folds.
"""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from dge_experiments.evaluation import metrics
from dge_experiments.evaluation.bias_corrected import bias_corrected, kept
from dge_experiments.evaluation.nested import nested
from dge_experiments.evaluation.tuned import Dealing, TunedClassifier
from dge_experiments.problem.dealing import deal
from dge_experiments.problem.split import Split, split
from dge_experiments.search import space, strategies
from dge_experiments.search.fold import configured
from dge_experiments.search.prediction import predict
from dge_experiments.search.study import Options, search
from dge_experiments.search.task import Task
from dge_experiments.settings import Settings
from dge_experiments.settings.compose import compose
from dge_experiments.settings.estimator import estimator

MODELS = ("logistic_regression", "xgboost", "svm")
SCORING, TRIALS, FOLDS, FRESH = "roc_auc", 20, 5, 5000
SCORE, OPTIONS = metrics.REGISTRY[SCORING].score, Options(SCORING, workers=1)
SHIFTS = {"noise": 0.0, "signal": 1.0}


def drawn(genes: int, shift: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    y = rng.permutation(np.arange(genes) % 2)
    X = rng.normal(size=(genes, 6))
    X[:, 0] += shift * y
    return X, y


@dataclass(frozen=True)
class Case:
    """A table of 125 genes, 100 of them to train on, and a search over it."""

    settings: Settings
    shift: float
    seed: int

    @cached_property
    def table(self) -> tuple[np.ndarray, np.ndarray]:
        return drawn(125, self.shift, np.random.default_rng(self.seed))

    @cached_property
    def parts(self) -> Split:
        return split(
            self.table[1], ("a", "b"), test_size=0.2, stratify=True, seed=self.seed, folds=FOLDS, shuffle=True,
            cv_rows="train",
        )  # fmt: skip

    @cached_property
    def pipeline(self) -> Pipeline:
        return make_pipeline(StandardScaler(), estimator(self.settings.model))

    def strategy(self) -> strategies.Strategy:
        return strategies.make("random", space.parse(self.settings.model.space), TRIALS, TRIALS, self.seed)

    def corrected(self) -> dict[str, float]:
        """Truth; tuned and corrected score less it; whether the interval holds it, its width; seconds."""
        (X, y), parts, seed = self.table, self.parts, self.seed
        task = Task(
            self.pipeline, X, y, parts.folds, lambda y, said: {SCORING: SCORE(y, said)}, self.settings.model.path,
            kept(SCORING, y, parts, seed),
        )  # fmt: skip
        study = search(self.strategy(), task, OPTIONS)
        tuned, start = study.best.mean(SCORING), time.process_time()
        found = bias_corrected(study, tuned, y, parts, seed=seed)
        seconds = time.process_time() - start
        best = configured(self.pipeline, study.best.candidate).fit(X[parts.train], y[parts.train])
        fresh, classes = drawn(FRESH, self.shift, np.random.default_rng(seed + 10**6))
        truth = SCORE(classes, predict(best, fresh)) if self.shift else 0.5
        return {
            "truth": truth,
            "tuned": tuned - truth,
            "corrected": found.score - truth,
            "holds": found.low <= truth <= found.high,
            "width": found.high - found.low,
            "seconds": seconds,
        }

    def nested(self) -> dict[str, float]:
        """The nested score less the truth of noise; processor seconds."""
        (X, y), train, start = self.table, self.parts.train, time.process_time()
        dealing, path = Dealing(FOLDS, self.seed), self.settings.model.path
        whole = TunedClassifier(self.pipeline, self.strategy, OPTIONS, dealing, path)
        outer = deal(np.arange(len(train)), y[train], None, FOLDS, self.seed)
        found = nested(whole, X[train], y[train], outer, lambda fitted, X, y: SCORE(y, predict(fitted, X)))
        return {"nested": found.score - 0.5, "seconds": time.process_time() - start}


def averaged(made: Sequence[dict[str, float]]) -> dict[str, str]:
    """Mean with its standard error."""
    values = {name: np.array([each[name] for each in made], dtype=float) for name in made[0]}
    return {n: f"{v.mean():.3f} ± {v.std(ddof=1) / np.sqrt(len(v)):.3f}" for n, v in values.items()}


def main(repeats: int, models: Sequence[str] = MODELS) -> None:
    composed = {model: compose([f"model={model}", "sweep_id=benchmark"]) for model in models}
    print("| table | model | truth | tuned, less truth | bias-corrected, less truth | interval holds the truth "
          "| its width | processor seconds |\n|---|---|---|---|---|---|---|---|")  # fmt: skip
    for kind, shift in SHIFTS.items():
        for model, settings in composed.items():
            made = [Case(settings, shift, seed).corrected() for seed in range(repeats)]
            mean, held = averaged(made), f"{sum(each['holds'] for each in made)} of {repeats}"
            shown = [mean[name] for name in ("truth", "tuned", "corrected")]
            print(
                "|", " | ".join([kind, model, *shown, held, mean["width"], mean["seconds"]]), "|", flush=True
            )
    few = max(2, repeats // 4)
    print(f"\n| noise, {few} tables | nested, less truth | processor seconds |\n|---|---|---|")
    for model, settings in composed.items():
        mean = averaged([Case(settings, 0.0, seed).nested() for seed in range(few)])
        print(f"| {model} | {mean['nested']} | {mean['seconds']} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20, sys.argv[2:] or MODELS)
