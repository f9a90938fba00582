"""The chapter on the search: was it long enough, and were its ranges wide enough."""

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

from dge_experiments.evaluation.metrics import title
from dge_experiments.explanation.diagnostics import Diagnostics
from dge_experiments.report.figures import search as draw
from dge_experiments.report.page.cells import cell
from dge_experiments.report.page.page import Chapter, Chart, Grid, Note, Part
from dge_experiments.search.space import Range, Space
from dge_experiments.search.study import Study


def chapter(search: Diagnostics | None, study: Study, honest: Study | None = None) -> Chapter:
    """Figures of the trials; ``honest`` is the honest score's own search, where there was one."""
    trials = f"{len(study.trials)} of {study.planned} trials, {study.seconds:.1f} s"
    if search is None:
        text = "The model was fitted with its default parameters; there was no search."
        if study.space:
            text = f"{trials}: with one trial there is no search to show."
        return Chapter("search", "Search", "", [Note("One trial", text)])
    parts = list(_parts(search, study)) + ([_honest(honest)] if honest else [])
    return Chapter("search", "Search", f"{trials}, for {title(study.scoring)}.", parts)


def _honest(study: Study) -> Part:
    columns = ["number", *(f"params.{name}" for name in study.space), f"cv/{study.scoring}"]
    ranked = study.frame.reindex(columns=columns).sort_values(columns[-1], ascending=False, kind="stable")
    return Grid(
        "The honest score's own search",
        f"{len(study.trials)} of {study.planned} trials without what gives the label away, {study.seconds:.1f} s; the "
        "best ten of them.",
        ranked.head(10).rename(columns=lambda name: name.removeprefix("params.")),
    )


def _parts(search: Diagnostics, study: Study) -> Iterator[Part]:
    scoring = title(study.scoring)
    last = search.history.loc[search.history["is_best"], "number"].max()
    yield Chart(
        "History",
        "If the line still rises at the end, more trials may find better parameters.",
        draw.history(search.history, scoring),
        f"Score of each trial and the best so far, {search.history['best'].max():.4f}, first reached in trial {last}.",
    )
    yield Chart(
        "Time",
        f"Seconds of fitting for all folds of a trial; {search.times['fit_seconds'].sum():.1f} s in all.",
        draw.seconds(search.times),
        f"Bars of fitting seconds for each trial, the longest {search.times['fit_seconds'].max():.2f} s.",
    )
    if len(search.edges):
        yield Grid(
            "Best value at the edge of its range",
            "The optimum may lie outside the range: run again with the override.",
            search.edges.astype({"setting": str}),
        )
    if len(search.importance):
        yield Chart(
            "Importance of the parameters",
            search.note,
            draw.parameter_importance(search.importance),
            "Importance: " + ", ".join(map(_rated, search.importance.to_dict("records"))),
            search.importance,
        )
    elif search.note:
        yield Note("Importance of the parameters", search.note)
    if search.history["value"].nunique() == 1:
        best = search.history["best"].max()
        yield Note("No difference", f"All {len(study.trials)} trials scored the same, {best:.4f}.")
    else:
        yield from _scores_by_parameter(search, study.space, scoring)


def _scores_by_parameter(search: Diagnostics, space: Space, scoring: str) -> Iterator[Part]:
    """The scores of the trials over all parameters at once, and against each."""
    if len(space) > 1:
        positions = search.slices.assign(setting=search.slices["setting"].map(_text))
        yield Chart(
            "Parallel coordinates",
            "One line for each trial; the better its score, the stronger the line.",
            draw.parallel(positions, scoring),
            f"One line for each of {positions['number'].nunique()} trials over {', '.join(space)}.",
        )
    if len(search.slices):
        logs = {name for name, dimension in space.items() if isinstance(dimension, Range) and dimension.log}
        yield Chart(
            "Slices",
            "Each trial's score against one parameter; darker points are later trials.",
            draw.slices(search.slices, logs, scoring),
            f"Score against each of {', '.join(space)}, one panel each.",
        )


def _rated(row: Mapping[Hashable, Any]) -> str:
    chance = f"{row['chance_low']:.2f} to {row['chance_high']:.2f} under shuffled scores"
    return f"{row['parameter']} {row['importance']:.2f} by {row['evaluator']} ({chance})"


def _text(setting: Any) -> str:
    if setting is None:
        return "none"
    return f"{setting:.4g}" if isinstance(setting, float) else cell(setting).text
