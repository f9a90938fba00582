"""The chapter on what holds up in other studies."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from dge_experiments.evaluation import rankings
from dge_experiments.evaluation.metrics import title
from dge_experiments.experiment.result import Result
from dge_experiments.prediction.decision import Bounds, ladder
from dge_experiments.report.chapters.studies import effects_chart
from dge_experiments.report.figures import studies as draw
from dge_experiments.report.page.cells import estimates
from dge_experiments.report.page.page import Chapter, Chart, Grid, Part
from dge_experiments.report.words.verdict import RANKED_BY
from dge_experiments.studies.agreement import by_rank
from dge_experiments.studies.hits import judged
from dge_experiments.studies.replication import Replication

LISTED = 100


def chapters(experiment: Result) -> list[Chapter]:
    """The chapter, where the question is about replication."""
    found = experiment.plan.problem.labels.replication
    if found is None:
        return []
    return [Chapter("replication", "What holds up", "", list(_parts(experiment, found)))]


def _parts(experiment: Result, found: Replication) -> Iterator[Part]:
    problem, test = experiment.plan.problem, experiment.given.test
    genes = found.genes[found.known].reset_index(drop=True)
    if experiment.bounds is not None and test.prediction.probability is not None:
        chance = test.prediction.probability[:, 1]
        yield Grid(
            "The first genes of the list",
            "Held-out genes in the order of their probability: how many held up, beside what was promised.",
            ladder(test.y, chance).rename(columns={"held_up": "held up"}),
        )
        held = genes.iloc[problem.split.test].reset_index(drop=True)
        yield Grid(
            "Held-out genes to follow up",
            f"The {LISTED} of the highest probability, with the bounds of their chance (Venn-Abers, learned from the "
            "held-out genes themselves), what became of them, and their r-value.",
            _listed(held, test.y, chance, experiment.bounds),
            genes=True,
        )
    frame = rankings.frame(experiment.rankings)
    if len(frame):
        scoring = experiment.settings.search.scoring
        columns = [
            f"{part}/{metric}" for metric in dict.fromkeys((scoring, "roc_auc")) for part in ("cv", "test")
        ]
        shown = frame[["ranking", *columns]].assign(ranking=[RANKED_BY.get(b, b) for b in frame["ranking"]])
        names = {c: f"{'CV' if c.startswith('cv') else 'test'} {title(c.partition('/')[2])}" for c in columns}
        yield Grid("Genes ordered by one statistic", "The same folds and held-out genes as the model's; no fit but the "
                   "share of class 1 at each value.", shown.rename(columns=names))  # fmt: skip
    yield from _pictures(experiment, found, genes)


def _listed(held: pd.DataFrame, y: np.ndarray, chance: np.ndarray, known: Bounds) -> pd.DataFrame:
    order = np.argsort(-chance, kind="stable")[:LISTED]
    low, high = known.at(chance[order])
    bounds = pd.DataFrame({"probability": chance[order], "low": low, "high": high})
    first = held.iloc[order].reset_index(drop=True)
    shown = pd.DataFrame(
        {"gene": first["gene"], "probability": estimates(bounds, "probability", "low", "high")}
    )
    shown["held up"] = np.where(y[order] == 1, "yes", "no")
    return shown.assign(**{str(name): first[name] for name in first if str(name).startswith("r_value")})


def _pictures(experiment: Result, found: Replication, genes: pd.DataFrame) -> Iterator[Part]:
    """logFC in both studies, and equal signs by rank of P; of each other study."""
    table = experiment.plan.problem.table
    if "P.Value" not in table.frame:
        return
    effect, p = table.frame["logFC"], table.frame["P.Value"]
    others = [str(name).removeprefix("logFC ") for name in genes if str(name).startswith("logFC ")]
    ranks = []
    for other in others:
        second = genes[f"logFC {other}"]
        there = second.notna().to_numpy()
        pair = pd.DataFrame({"gene": genes["gene"], "first": effect, "second": second})[there]
        holds = found.holds[found.known][there]
        yield effects_chart(judged(pair, found.hit[found.known][there], holds), table.name, other)
        ranks.append(by_rank(p[there], effect[there], second[there]).assign(pair=f"{table.name} in {other}"))
    yield Chart(
        "Same sign by rank of P",
        "Far to the left are the surest genes of the first table; at one half signs agree by chance.",
        draw.by_rank(pd.concat(ranks)),
        "Share of equal signs among the genes of the smallest P values",
        ranks[0] if len(ranks) == 1 else None,
    )
