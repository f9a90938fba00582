"""Of several contrasts side by side: which columns belong to the one whose effect is read."""

from collections.abc import Iterable

from dge_experiments.tables.files.source import Facts
from dge_experiments.tables.headers.columns import Columns
from dge_experiments.tables.headers.dialect import matches, words

PLAIN = frozenset(
    "log log2 log10 ln loge l2 lg lg2 fc logfc log2fc lfc l2fc fold change changes foldchange logfoldchange "
    "logfoldchanges log2foldchange ratio logratio log2ratio avg average mean shrunken mle map difference diff "
    "estimate coef beta effect size student s welch t test abundance final table".split()
)


class Contrast:
    """The words that an effect's header has for its contrast, such as KO, vs, WT in ``logFC_KO_vs_WT``."""

    def __init__(self, facts: Facts, columns: Columns, effect: int) -> None:
        self._facts, self._columns, self._effect = facts, columns, effect
        self.words = _words(facts.names[effect]) - PLAIN

    def nearest(self, columns: Iterable[int]) -> list[int]:
        """Those of some columns that share most words with the contrast; none if no column shares one.

        Of headers that repeat, the first goes with the first: ``logFC`` with ``P.Value``, ``logFC.1`` with
        ``P.Value.1``.
        """
        facts, columns = self._facts, list(columns)
        if not self.words and facts.headers.count(facts.headers[self._effect]) > 1:
            return [i for i in columns if facts.names[i] == facts.headers[i]]
        shared = {i: len(self.words & _words(facts.names[i])) for i in columns}
        most = max(shared.values(), default=0)
        return [i for i, n in shared.items() if n == most] if most else []

    def own(self, names: tuple[str, ...], role: str, taken: frozenset[int]) -> list[int]:
        """Columns whose headers say the whole contrast and, without it, one of the names: ``F_KO_vs_WT``."""
        found = []
        for i, name in enumerate(self._facts.names):
            rest = [word for word in words(name).split("_") if word not in self.words]
            if i in taken or not rest or not self.words or not self.words <= _words(name):
                continue
            if any(matches(n, "_".join(rest)) for n in names) and self._columns.fits(i, role):
                found.append(i)
        return found


def _words(name: str) -> frozenset[str]:
    return frozenset(words(name).split("_"))
