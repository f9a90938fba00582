"""What the names of a table's columns tell without its data: which of them come from one test."""

from collections.abc import Collection, Iterable

OF_ONE_TEST = ("P.Value", "adj.P.Val", "t", "F", "LR", "stat", "B")
UNSIGNED = tuple(column for column in OF_ONE_TEST if column != "t")


def stand_ins(columns: Iterable[str], sources: Collection[str]) -> dict[str, tuple[str, str]]:
    """Columns that stand in for a label source by their meaning: column -> (the source, why).

    A signed statistic ``t`` has the sign of ``logFC`` and is a stand-in for it, also where a few rows
    disagree, as in tables of scanpy and cuffdiff. P-values, adjusted P-values (of any method, within any
    clusters), log-odds and statistics are functions of one test: each stands in for the others where the rule
    reads an unsigned one. ``SE`` gives logFC only with t, so it stands in for nothing once t is known as a
    source. ``P.Value`` and the other unsigned columns do not tell the sign.

    Parameters
    ----------
    columns : canonical names; others are ignored
    sources : columns that the rule reads, or that give the label alone

    References
    ----------
    Kaufman et al. 2012, Leakage in data mining, doi:10.1145/2382577.2382579 (legitimacy of a feature is a
    matter of its origin); Kapoor and Narayanan 2023, doi:10.1016/j.patter.2023.100804 (proxies of the outcome)
    """
    signed = {"t": "logFC", "logFC": "t"}
    test = next((column for column in UNSIGNED if column in sources), None)
    reasons = {}
    for column in columns:
        if column in sources:
            continue
        if signed.get(column) in sources:
            reasons[column] = signed[column], "a test statistic has the sign of its effect"
        elif test and column in OF_ONE_TEST:
            reasons[column] = test, "both are of one test"
    return reasons
