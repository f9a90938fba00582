"""A metric of one's own that ``search.scoring`` names."""

from collections.abc import Callable

from dge_experiments.errors import BadInput
from dge_experiments.settings.schema import Search
from dge_experiments.settings.trusted import named


def scoring(search: Search) -> Callable[..., float] | None:
    """The function or scorer at the dotted name ``search.scoring``; None where it is the plain name of a metric.

    Raises
    ------
    BadInput
        a name outside the trusted packages (``search.trusted``), or of nothing that can be called
    """
    if "." not in search.scoring:
        return None
    found = named("search.scoring", search.scoring, search.trusted, "search.trusted", "a metric")
    if not callable(found):
        raise BadInput(f"search.scoring={search.scoring}: is no function or scorer")
    made: Callable[..., float] = found
    return made
