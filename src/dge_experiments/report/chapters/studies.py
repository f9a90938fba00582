"""The chapters on several studies."""

from collections.abc import Iterator

import pandas as pd

from dge_experiments.evaluation.unseen import best_model, deciles
from dge_experiments.experiment.studies import Studies
from dge_experiments.report.figures import studies as draw
from dge_experiments.report.page.cells import estimates
from dge_experiments.report.page.page import Chapter, Chart, Grid, Part
from dge_experiments.studies.agreement import by_rank
from dge_experiments.studies.hits import effects, overlaps

PAIRS = 6
POINTS = 3000
WHICH = {"hits": "the first study's hits", "all": "all genes"}


def chapters(result: Studies) -> list[Chapter]:
    """Unseen studies, luck, and agreement."""
    return [
        Chapter("unseen", "Studies never seen", "", list(_unseen(result))),
        Chapter("luck", "Replication and luck", "", list(_luck(result))),
        Chapter("agreement", "Agreement", "", list(_agreement(result))),
    ]


def small_board(board: pd.DataFrame) -> pd.DataFrame:
    """Methods with their mean ROC AUC on the studies left out, for hits and for all genes."""
    columns = []
    for genes, which in WHICH.items():
        rows = board[board["genes"] == genes]
        name = rows["method"] + ", " + rows["reads"]
        columns.append(pd.Series(estimates(rows, "mean", "low", "high").to_numpy(), name, name=which))
    return pd.concat(columns, axis=1).rename_axis("method").reset_index()


def _unseen(result: Studies) -> Iterator[Part]:
    board = result.unseen.board
    for genes, which in WHICH.items():
        yield _board(board[board["genes"] == genes], which)
    best = best_model(board)
    tenths = deciles(result.unseen.predictions, best)
    yield Chart(
        "What was promised and what held up",
        f"Tenths of the genes by the chance that {best} gives them; on the dashed line the promise is kept. The rate "
        "differs between studies, and no model can know that of the next one.",
        draw.promised(tenths),
        "Share held up against chance promised for each study left out",
        tenths,
    )
    yield _top_genes(result)


def _board(rows: pd.DataFrame, which: str) -> Chart:
    return Chart(
        f"Models and rankings, {which}",
        "Each study is left out in turn: its table is on neither side of training. Whiskers are the 95 % interval "
        "between studies.",
        draw.board(rows),
        "Mean ROC AUC: " + "; ".join(f"{r.method}, {r.reads} {r.mean:.3f}" for r in rows.itertuples()),
        pd.DataFrame(
            {
                "method": rows["method"],
                "reads": rows["reads"],
                "mean ROC AUC": estimates(rows, "mean", "low", "high"),
                "gain over the best ranking of one table": estimates(rows, "gain", "gain_low", "gain_high"),
                "over the other studies' sum": estimates(rows, "more", "more_low", "more_high"),
            }
        ),
        wide=True,
    )


def _top_genes(result: Studies) -> Grid:
    promises = result.across.promises
    return Grid(
        f"The top {int(promises['top'].max())} genes in a study left out",
        f"{result.across.sentence} Genes in the order of {result.general.method} for the first study's table alone.",
        pd.DataFrame(
            {
                "first": promises["first"],
                "second, left out": promises["second"],
                "genes": promises["top"],
                "expected": promises["expected"].round(1),
                "95 % range": [
                    f"{a} to {b}" for a, b in zip(promises["least"], promises["most"], strict=True)
                ],
                "held up": promises["held_up"],
                "inside": promises["inside"].map({True: "yes", False: "no"}),
            }
        ),
        wide=True,
    )


def _luck(result: Studies) -> Iterator[Part]:
    pairs = result.replication
    yield Grid(
        "Every ordered pair",
        "Share of the first study's genes with the same sign and a significant P in the second, and the share "
        "expected by luck (95 % range, with correlated genes).",
        pd.DataFrame(
            {
                "first": pairs["first"],
                "second": pairs["second"],
                "replicate": pairs["seen"],
                "by luck": estimates(pairs, "expected", "low", "high"),
                "hits replicate": pairs["hits_seen"],
                "hits by luck": estimates(pairs, "hits_expected", "hits_low", "hits_high"),
                "p": pairs["hits_p"],
                "beyond luck": pairs["beyond"].map({True: "yes", False: "no"}),
            }
        ),
        wide=True,
    )
    for row in pairs.sort_values("hits_seen", ascending=False).head(PAIRS).itertuples():
        genes = effects(result.studies, str(row.first), str(row.second))
        yield effects_chart(genes, str(row.first), str(row.second))


def effects_chart(genes: pd.DataFrame, first: str, second: str) -> Chart:
    """Genes in two studies (see ``studies.hits.judged``); at most some thousands of the grey ones."""
    grey = genes[genes["verdict"] == "other"]
    points = pd.concat([genes.drop(grey.index), grey.iloc[:: max(1, len(grey) // POINTS)]])
    counts = genes["verdict"].value_counts()
    return Chart(
        f"{first} and {second}",
        "logFC in both studies; of the grey genes only some are drawn.",
        draw.effects(points, first, second),
        "logFC in two studies: " + ", ".join(f"{n:,} {verdict}" for verdict, n in counts.items()),
    )


def _agreement(result: Studies) -> Iterator[Part]:
    studies = result.studies
    ranks = []
    for first, second in zip(result.replication["first"], result.replication["second"], strict=True):
        genes = effects(studies, first, second)
        agree = by_rank(genes["p"], genes["first"], genes["second"])
        ranks.append(agree.assign(pair=f"{first} in {second}"))
    yield Chart(
        "Same sign by rank of P",
        "Far to the left are the first study's surest genes; at one half signs agree by chance.",
        draw.by_rank(pd.concat(ranks)),
        "Share of equal signs among the first study's genes of the smallest P values",
        wide=True,
    )
    sets = overlaps(studies)
    yield Chart(
        "Hits over studies",
        "Hits with one sign, by the studies that share them; the most frequent combinations.",
        draw.overlaps(sets),
        f"{int(sets['genes'].iloc[0]):,} genes in the most frequent combination of {len(sets)}",
        sets,
    )
    per_study = result.agreement.per_study
    yield Chart(
        "Each study with the others",
        "A study far below the others answers another question, or has an error.",
        draw.with_others(per_study),
        "; ".join(f"{row.study} {row.agreement:.2f}" for row in per_study.itertuples()),
        per_study,
    )
    yield Grid("Pairs of studies", "Correlation of z values; `unmoved` is that of genes neither study moves, near 1 "
               "where samples are shared.", result.agreement.pairs)  # fmt: skip
