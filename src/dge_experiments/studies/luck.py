"""How many genes would replicate by luck: the second table's own answers among unrelated genes."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

CORRELATION = 0.1
STRATA = 10
LEVEL = 0.95

Signs = npt.NDArray[np.int8]
Scores = npt.NDArray[np.float64]
SAME = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]])
OPPOSITE = SAME[[1, 0, 2]]


@dataclass(frozen=True)
class Luck:
    """Replication seen, beside the replication that luck gives. Shares are of ``genes``.

    Attributes
    ----------
    genes : genes counted
    seen : share that replicates: the same sign, and significant in the second table
    expected : share that would, were the second table's answers dealt among the genes at random
    low, high : 95 % range of that share by luck, with correlated genes
    opposite, opposite_expected : the same for the opposite sign, a negative control that comes with the data
    p_value : chance of as many as seen or more, were genes independent
    p_correlated : the same where genes are correlated (`correlation`); the verdict goes by it
    correlation : root mean square correlation between genes, taken to be the same in both studies
    """

    genes: int
    seen: float
    expected: float
    low: float
    high: float
    opposite: float
    opposite_expected: float
    p_value: float
    p_correlated: float
    correlation: float

    @property
    def excess(self) -> float:
        """Share seen less the share by luck."""
        return self.seen - self.expected

    @property
    def beyond(self) -> bool:
        """Whether more replicates than luck explains, at a level of 5 %."""
        return self.p_correlated < 1 - LEVEL

    @property
    def by_luck(self) -> float:
        """Share of the replicated genes that luck alone would give; at most 1, nan where none replicates."""
        return min(1.0, self.expected / self.seen) if self.seen else float("nan")

    @property
    def sentence(self) -> str:
        """The finding in plain words."""
        shares = (
            f"{self.seen:.1%} of {self.genes:,} genes replicate, {self.expected:.1%} "
            f"[{self.low:.1%}, {self.high:.1%}] would by luck"
        )
        if not self.beyond:
            return f"Nothing replicates beyond luck: {shares} (p {self.p_correlated:.2g})."
        return f"{shares} (p {self.p_correlated:.1g}): luck explains {self.by_luck:.0%} of what replicates."


def luck(
    effect: npt.ArrayLike,
    second_effect: npt.ArrayLike,
    significant: npt.ArrayLike,
    *,
    counted: npt.ArrayLike | None = None,
    strata: npt.NDArray[np.integer] | None = None,
    correlation: float = CORRELATION,
) -> Luck:
    """Share of genes that replicate, beside the share that would by luck.

    By luck: the second table's answers (up, down, not significant) are dealt among all its genes at random,
    within each stratum. Mean and variance of the number that replicates are then known exactly (Hoeffding 1951,
    with three kinds of genes and three answers). Genes of one study are correlated, so that agreement in one
    module is agreement in many genes: the variance is multiplied by ``1 + (n - 1) correlation**2``, its value
    where both studies have the same correlations of that root mean square (Efron 2010 finds about 0.1 in a
    leukaemia study, and shows that this one figure is what matters). It cannot be estimated from two tables.

    Parameters
    ----------
    effect, second_effect : shape (genes,), log fold changes of the same genes in both tables
    significant : shape (genes,), whether the gene is significant in the second table
    counted : shape (genes,), genes whose replication is asked for, such as the first table's hits; all by default
    strata : shape (genes,), codes from 0 of groups within which answers are dealt, such as ``by_level``

    Raises
    ------
    ValueError
        no gene, or none counted

    References
    ----------
    Hoeffding 1951, Annals of Mathematical Statistics 22:558; Efron 2010, doi:10.1198/jasa.2010.tm09129
    """
    first = np.sign(np.asarray(effect, dtype=np.float64)).astype(np.int8)
    second = np.sign(np.asarray(second_effect, dtype=np.float64)).astype(np.int8)
    second[~np.asarray(significant, dtype=np.bool_)] = 0
    asked = np.ones(len(first), np.bool_) if counted is None else np.asarray(counted, dtype=np.bool_)
    genes = int(asked.sum())
    if not genes:
        raise ValueError("luck needs a gene to count")
    kind = np.where(asked & (first != 0), (first + 1) // 2, 2)  # down, up, not counted
    group = np.zeros(len(first), np.intp) if strata is None else np.asarray(strata)
    table = np.zeros((int(group.max()) + 1, 3, 3))
    np.add.at(table, (group, kind, second + 1), 1)
    mean, variance = _dealt(table, SAME)
    seen = float((table * SAME).sum())
    inflation = 1 + (genes - 1) * correlation**2
    deviation = np.sqrt(variance * inflation)
    low, high = mean + norm.ppf([(1 - LEVEL) / 2, (1 + LEVEL) / 2]) * deviation
    return Luck(
        genes,
        seen / genes,
        mean / genes,
        float(max(0.0, low) / genes),
        float(min(genes, high) / genes),
        float((table * OPPOSITE).sum()) / genes,
        _dealt(table, OPPOSITE)[0] / genes,
        _tail(seen, mean, np.sqrt(variance)),
        _tail(seen, mean, deviation),
        correlation,
    )


def by_level(level: npt.ArrayLike, strata: int = STRATA) -> npt.NDArray[np.intp]:
    """Codes of equally large groups of genes by their mean expression, lowest first (shape (genes,))."""
    values = np.asarray(level, dtype=np.float64)
    place = np.empty(len(values), np.intp)
    place[np.argsort(values, kind="stable")] = np.arange(len(values))
    return place * min(strata, max(1, len(values))) // max(1, len(values))


def _dealt(table: Scores, score: Scores) -> tuple[float, float]:
    """Mean and variance of the summed score where columns are dealt to rows at random, in each stratum.

    ``table``, shape (strata, kinds, answers), counts genes; ``score``, shape (kinds, answers).
    """
    mean = variance = 0.0
    for counts in table:
        n = counts.sum()
        if n < 2:
            mean += float((counts * score).sum())
            continue
        p, q = counts.sum(axis=1) / n, counts.sum(axis=0) / n
        centred = score - (score @ q)[:, None] - (p @ score)[None, :] + p @ score @ q
        mean += n * float(p @ score @ q)
        variance += n**2 / (n - 1) * float(p @ centred**2 @ q)
    return mean, variance


def _tail(seen: float, mean: float, deviation: float) -> float:
    """Chance of `seen` or more of a normal count, with continuity correction."""
    if deviation == 0:
        return 1.0
    return float(norm.sf((seen - 0.5 - mean) / deviation))
