"""The methods paragraph, to paste into a paper, and the works it cites."""

import platform
from collections.abc import Sequence
from importlib.metadata import version

from dge_experiments.explanation.explain import ModelExplanation, TableExplanation
from dge_experiments.problem.problem import Problem
from dge_experiments.search.study import Study

MODELS = {
    "random_forest": (
        "a random forest",
        "Breiman L. Random forests. Machine Learning 45:5 (2001). doi:10.1023/A:1010933404324",
    ),
    "logistic_regression": (
        "logistic regression",
        "Cox DR. The regression analysis of binary sequences. Journal of the Royal Statistical Society B 20:215 (1958). doi:10.1111/j.2517-6161.1958.tb00292.x",
    ),
    "lasso": (
        "LASSO logistic regression",
        "Tibshirani R. Regression shrinkage and selection via the lasso. Journal of the Royal Statistical Society B 58:267 (1996). doi:10.1111/j.2517-6161.1996.tb02080.x",
    ),
    "svm": (
        "a support vector machine with a radial kernel",
        "Cortes C, Vapnik V. Support-vector networks. Machine Learning 20:273 (1995). doi:10.1007/BF00994018",
    ),
    "xgboost": (
        "gradient-boosted trees (XGBoost)",
        "Chen T, Guestrin C. XGBoost: a scalable tree boosting system. KDD (2016). doi:10.1145/2939672.2939785",
    ),
    "dummy": ("a constant answer (the most frequent class)", ""),
}
SEARCHES = {
    "grid": ("a grid", ""),
    "random": (
        "random search",
        "Bergstra J, Bengio Y. Random search for hyper-parameter optimization. Journal of Machine Learning Research 13:281 (2012).",
    ),
    "tpe": (
        "the multivariate tree-structured Parzen estimator",
        "Bergstra J et al. Algorithms for hyper-parameter optimization. NeurIPS 24 (2011).",
    ),
}
BRODERSEN = "Brodersen KH et al. The balanced accuracy and its posterior distribution. ICPR (2010). doi:10.1109/ICPR.2010.764"
MATTHEWS = "Matthews BW. Comparison of the predicted and observed secondary structure of T4 phage lysozyme. Biochimica et Biophysica Acta 405:442 (1975). doi:10.1016/0005-2795(75)90109-9"
PERMUTATION = "Fisher A, Rudin C, Dominici F. All models are wrong, but many are useful. Journal of Machine Learning Research 20:177 (2019)."
DOMINANCE = "Azen R, Traxel N. Using dominance analysis to determine predictor importance in logistic regression. Journal of Educational and Behavioral Statistics 34:319 (2009). doi:10.3102/1076998609332754"
STABILITY = "Meinshausen N, Bühlmann P. Stability selection. Journal of the Royal Statistical Society B 72:417 (2010). doi:10.1111/j.1467-9868.2010.00740.x"
SHAP = "Lundberg SM, Lee SI. A unified approach to interpreting model predictions. NeurIPS 30 (2017)."
SKLEARN = "Pedregosa F et al. Scikit-learn: machine learning in Python. Journal of Machine Learning Research 12:2825 (2011)."


def methods(
    problem: Problem,
    study: Study,
    model: str,
    search: str,
    seed: int,
    table: TableExplanation,
    explained: ModelExplanation,
) -> tuple[str, list[str]]:
    """A paragraph with numbered citations, and the works in the order in which they are cited."""
    works: list[str] = []

    def cite(work: str) -> str:
        if not work:
            return ""
        if work not in works:
            works.append(work)
        return f" [{works.index(work) + 1}]"

    name, source = MODELS.get(model, (model.replace("_", " "), ""))
    counts = ", ".join(f"{n:,} {label}" for label, n in problem.class_counts.items())
    parts = problem.split
    said = [
        f"Each of {len(problem.X):,} genes of the differential expression table {problem.table.name} "
        f"(SHA-256 {problem.table.digest}) was labelled by the rule {problem.labels.rule} ({counts}). "
        f"Features were {_listed(list(problem.X.columns))}, standardised within each fold.",
        f"We fitted {name}{cite(source)} with scikit-learn{cite(SKLEARN)} {version('scikit-learn')}"
        + (f" and xgboost {version('xgboost')}" if model == "xgboost" else "")
        + f". {len(parts.test):,} genes ({len(parts.test) / len(problem.X):.0%}) were held out.",
        _search(study, search, cite(SEARCHES.get(search, ("", ""))[1]), len(parts.folds)),
        "The chosen model was refitted on the training part and scored once on the held-out genes, beside a "
        f"constant answer, by accuracy, balanced accuracy{cite(BRODERSEN)}, Matthews' correlation "
        f"coefficient{cite(MATTHEWS)}, ROC AUC and average precision.",
    ]
    if parts.cv_folds is not parts.folds:
        said.append(
            "The cross-validated scores are on all genes, the held-out ones among them, as in the published analysis."
        )
    if problem.leak:
        said.append(
            f"The rule of the label reads {_listed(problem.leak)}, which {'is' if len(problem.leak) == 1 else 'are'} "
            "among the features; scores with them only show that a model can read its own label."
        )
    how = [f"permutation on the held-out genes{cite(PERMUTATION)}"]
    if explained.shap is not None and explained.shap.method:
        how.append(f"{explained.shap.method}{cite(SHAP)}")
    if table.dominance is not None:
        how.append(
            f"dominance analysis of logistic regression by cross-validated McFadden R²{cite(DOMINANCE)}"
        )
    if table.stability is not None:
        how.append(f"stability selection with the LASSO{cite(STABILITY)}")
    said.append(f"The weight of each statistic was measured by {_listed(how)}.")
    packages = ", ".join(
        f"{p} {version(p)}" for p in ("dge-experiments", "numpy", "pandas", "scipy", "optuna")
    )
    said.append(f"The seed was {seed}; software: Python {platform.python_version()}, {packages}.")
    return " ".join(said), works


def _search(study: Study, search: str, citation: str, folds: int) -> str:
    if study.planned == 1:
        return "It ran with its default parameters."
    how = SEARCHES.get(search, (search, ""))[0]
    return (
        f"The model's parameters were chosen among {len(study.trials)} candidates of {how}{citation} by {folds}-fold "
        f"stratified cross-validated {study.scoring.replace('_', ' ')} on the rest."
    )


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
