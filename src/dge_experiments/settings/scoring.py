"""The user's own metric that ``search.scoring`` names."""

from collections.abc import Callable

from dge_experiments.errors import BadInput
from dge_experiments.settings.schema import Search
from dge_experiments.settings.trusted import imported


def scoring(search: Search) -> Callable[..., float] | None:
    """The function or scorer with the dotted name ``search.scoring``; None for the plain name of a metric.

    Raises
    ------
    BadInput
        a name outside the trusted packages (``search.trusted``), or of something that is not callable
    """
    if "." not in search.scoring:
        return None
    metric = imported("search.scoring", search.scoring, search.trusted, "search.trusted", "a metric")
    if not callable(metric):
        raise BadInput(f"search.scoring={search.scoring}: is no function or scorer")
    function: Callable[..., float] = metric
    return function
