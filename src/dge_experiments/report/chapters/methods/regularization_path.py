"""The LASSO path on the page."""

from collections.abc import Iterator

from dge_experiments.explanation.methods.regularization_path import RegularizationPath
from dge_experiments.report.chapters.methods import Context
from dge_experiments.report.figures import paths
from dge_experiments.report.page.page import Chart, Part


def parts(result: RegularizationPath, context: Context) -> Iterator[Part]:
    """Coefficients against C."""
    classes = context.problem.labels.classes
    entered = result.entry.dropna()["feature"].tolist()
    named = result.coefficients.assign(**{"class": lambda frame: [classes[code] for code in frame["class"]]})
    chosen = "" if result.chosen_c is None else " Dotted vertical line: the C that the tuned LASSO chose."
    dashes = f" Solid, dashed, dotted: {', '.join(classes)}." if named["class"].nunique() > 1 else ""
    yield Chart(
        "LASSO path",
        "The features that leave 0 first matter most to a model that may use only a few."
        f"{dashes}{chosen} {result.note}",
        paths.lasso_path(named, result.chosen_c),
        f"Coefficients against C; features enter in the order {', '.join(entered)}.",
        result.entry.rename(columns={"C": "enters at C"}),
    )
