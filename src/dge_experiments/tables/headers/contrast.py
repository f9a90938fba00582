"""Several contrasts side by side: the contrast that a header names, and the columns of one contrast."""

import re
from collections.abc import Iterable, Sequence

from dge_experiments.tables.files.layout import Layout
from dge_experiments.tables.headers.columns import Columns
from dge_experiments.tables.headers.names import Headers, words

PLAIN = frozenset(  # words for statistics, which name no contrast
    """log log2 log10 ln loge l2 lg lg2 fc logfc log2fc lfc l2fc fold change changes foldchange logfoldchange
    logfoldchanges log2foldchange ratio logratio log2ratio abundance avg average mean shrunken mle map difference diff
    estimate coef beta effect size student s welch t test abundance final table abs absolute regulation direction
    p val value values pval pvalue pvals pvalues adj adjusted padj fdr q qval qvalue bh corr corrected step up stepup
    raw nominal stat statistic statistics score scores z f lr wald se lfcse stderr std error err basemean aveexpr logcpm
    names name gene genes symbol id feature""".split()
)
GLUED = "log2foldchange|logfoldchange|log2fc|logfc|lfc|adjpvalue|adjpval|pvalue|pval|padj|fdr|qvalue|qval"
BASE = re.compile(r"(?<![^_])log_(2|10|e)(?![^_])")


def contrast_of(header: str) -> str:
    """The contrast that a header names, in the form of `words`: ``ko_vs_wt`` in ``logFC (KO vs WT)``; or ""."""
    parts = BASE.sub(r"log\1", words(header)).split("_")
    if parts[0] == "neg" and len(parts) > 1 and parts[1].startswith("log"):
        parts = parts[1:]
    while parts and parts[0] in PLAIN:
        parts = parts[1:]
    while parts and parts[-1] in PLAIN:
        parts = parts[:-1]
    if parts:
        parts[-1] = re.sub(rf"(?<=.)({GLUED})$", "", parts[-1])
        parts[0] = re.sub(rf"^({GLUED})(?=.)", "", parts[0])
    return "_".join(parts)


class Contrast:
    """The contrast of an effect, such as KO vs WT of ``logFC_KO_vs_WT``."""

    def __init__(self, layout: Layout, columns: Columns, effect: int) -> None:
        self._layout, self._columns, self._effect = layout, columns, effect
        self.name = contrast_of(layout.names[effect])

    def nearest(self, columns: Iterable[int]) -> list[int]:
        """The columns whose names fit this contrast best: the same words, else most of them and the fewest others.

        Empty if no column shares a word. Repeated headers belong together by number: ``logFC`` and ``P.Value``,
        ``logFC.1`` and ``P.Value.1``.
        """
        layout, columns = self._layout, list(columns)
        if not self.name and layout.headers.count(layout.headers[self._effect]) > 1:
            return [i for i in columns if layout.names[i] == layout.headers[i]]
        contrast_words = set(self.name.split("_")) - {""}
        ranks = {}
        for i in columns:
            name = contrast_of(layout.names[i])
            other = set(name.split("_")) - {""}
            if contrast_words & other:
                ranks[i] = (name == self.name, len(contrast_words & other), -len(other - contrast_words))
        best = max(ranks.values(), default=None)
        return [i for i, rank in ranks.items() if rank == best]

    def of_role(self, names: Sequence[str], role: str, assigned: frozenset[int]) -> list[int]:
        """Columns whose headers hold the whole contrast and, without it, one of the names: ``F_KO_vs_WT``."""
        if not self.name:
            return []
        rests = {i: _without(words(name), self.name) for i, name in enumerate(self._layout.names)}
        of_contrast = [i for i, rest in rests.items() if rest]
        index = Headers([rests[i] for i in of_contrast])
        meant = sorted({of_contrast[k] for name in names for k in index.meant_by(name)})
        return [i for i in meant if i not in assigned and self._columns.fits(i, role)]


def _without(header: str, contrast: str) -> str:
    """The words of a header without those of a contrast, or "" where it does not hold all of them."""
    glued = re.sub(
        rf"^{contrast}(?=[a-z])|(?<=[a-z]){contrast}$|(?<![^_]){contrast}(?![^_])", "", header, count=1
    )
    if glued != header:
        return glued.replace("__", "_").strip("_")
    parts, contrast_words = header.split("_"), set(contrast.split("_"))
    return (
        "_".join(part for part in parts if part not in contrast_words) if contrast_words <= set(parts) else ""
    )
