"""Principal components without the label sources."""

from dge_experiments.explanation.method import Method, Subject
from dge_experiments.explanation.methods.pca import Shape, shape


def _run(subject: Subject) -> Shape | None:
    """None where there are no label sources, or fewer than two other features."""
    honest = list(subject.honest)
    return shape(subject, honest) if 1 < len(honest) < subject.X.shape[1] else None


METHOD = Method(
    name="honest_pca",
    title="Principal components without the label sources",
    run=_run,
    frames=lambda result: {
        "pca/honest_loadings.csv": result.components.loadings,
        "pca/honest_variance.csv": result.components.variance,
        "pca/honest_separation.csv": result.separation.auc,
        "pca/honest_silhouette.csv": result.separation.silhouette,
    },
    place=80,
    chapter="shape",
)
