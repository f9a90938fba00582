"""The chapter on which genes replicate in other studies."""

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
    replication = experiment.plan.problem.labels.replication
    if replication is None:
        return []
    return [Chapter("replication", "What holds up", "", list(_parts(experiment, replication)))]


def _parts(experiment: Result, replication: Replication) -> Iterator[Part]:
    problem, test = experiment.plan.problem, experiment.given.test
    genes = replication.genes[replication.known].reset_index(drop=True)
    if experiment.bounds is not None and test.prediction.probability is not None:
        chance = test.prediction.probability[:, 1]
        yield Grid(
            "The first genes of the list",
            "Held-out genes in the order of their probability: how many held up, and how many the model expected.",
            ladder(test.y, chance).rename(columns={"held_up": "held up"}),
        )
        held_out_genes = genes.iloc[problem.split.test].reset_index(drop=True)
        yield Grid(
            "Held-out genes to follow up",
            f"The {LISTED} of the highest probability, with the bounds of their chance (Venn-Abers, learned from the "
            "held-out genes themselves), what became of them, and their r-value.",
            _listed(held_out_genes, test.y, chance, experiment.bounds),
            genes=True,
        )
    frame = rankings.frame(experiment.rankings)
    if len(frame):
        scoring = experiment.settings.search.scoring
        columns = [
            f"{part}/{metric}" for metric in dict.fromkeys((scoring, "roc_auc")) for part in ("cv", "test")
        ]
        table = frame[["ranking", *columns]].assign(ranking=[RANKED_BY.get(b, b) for b in frame["ranking"]])
        names = {c: f"{'CV' if c.startswith('cv') else 'test'} {title(c.partition('/')[2])}" for c in columns}
        yield Grid("Genes ordered by one statistic", "The same folds and held-out genes as the model's; no fit but the "
                   "share of class 1 at each value.", table.rename(columns=names))  # fmt: skip
    yield from _pictures(experiment, replication, genes)


def _listed(genes: pd.DataFrame, y: np.ndarray, chance: np.ndarray, chance_bounds: Bounds) -> pd.DataFrame:
    order = np.argsort(-chance, kind="stable")[:LISTED]
    low, high = chance_bounds.at(chance[order])
    bounds = pd.DataFrame({"probability": chance[order], "low": low, "high": high})
    first = genes.iloc[order].reset_index(drop=True)
    listing = pd.DataFrame(
        {"gene": first["gene"], "probability": estimates(bounds, "probability", "low", "high")}
    )
    listing["held up"] = np.where(y[order] == 1, "yes", "no")
    return listing.assign(**{str(name): first[name] for name in first if str(name).startswith("r_value")})


def _pictures(experiment: Result, replication: Replication, genes: pd.DataFrame) -> Iterator[Part]:
    """For each other study: logFC in both studies, and equal signs by rank of P."""
    table = experiment.plan.problem.table
    if "P.Value" not in table.frame:
        return
    effect, p = table.frame["logFC"], table.frame["P.Value"]
    others = [str(name).removeprefix("logFC ") for name in genes if str(name).startswith("logFC ")]
    ranks = []
    for other in others:
        second = genes[f"logFC {other}"]
        in_other = second.notna().to_numpy()
        pair = pd.DataFrame({"gene": genes["gene"], "first": effect, "second": second})[in_other]
        holds = replication.holds[replication.known][in_other]
        yield effects_chart(
            judged(pair, replication.hit[replication.known][in_other], holds), table.name, other
        )
        ranks.append(
            by_rank(p[in_other], effect[in_other], second[in_other]).assign(pair=f"{table.name} in {other}")
        )
    yield Chart(
        "Same sign by rank of P",
        "Far to the left are the surest genes of the first table; at one half signs agree by chance.",
        draw.by_rank(pd.concat(ranks)),
        "Share of equal signs among the genes of the smallest P values",
        ranks[0] if len(ranks) == 1 else None,
    )
