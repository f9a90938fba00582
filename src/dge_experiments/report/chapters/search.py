"""The chapter on the search: was it long enough, and wide enough."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from dge_experiments.explanation.diagnostics import Diagnostics
from dge_experiments.report.figures import search as draw
from dge_experiments.report.page.cells import cell
from dge_experiments.report.page.page import Chapter, Chart, Grid, Note, Part
from dge_experiments.report.words.verdict import NAMES
from dge_experiments.search.study import Study


def chapter(search: Diagnostics | None, study: Study, space: Mapping[str, Any]) -> Chapter:
    """Figures of the trials; ``space`` is the search space as configured."""
    made = f"{len(study.trials)} of {study.planned} trials, {study.seconds:.1f} s"
    if search is None:
        text = "The model ran at its defaults, so there is no search to look at."
        return Chapter("Search", "", [Note("One trial", text)])
    return Chapter("Search", f"{made}, for {NAMES[study.scoring]}.", list(_parts(search, study, space)))


def _parts(search: Diagnostics, study: Study, space: Mapping[str, Any]) -> Iterator[Part]:
    scoring = NAMES[study.scoring]
    last = search.history.loc[search.history["is_best"], "number"].max()
    yield Chart(
        "History",
        "A line that still rises at the end asks for more trials.",
        draw.history(search.history, scoring),
        f"Score of each trial and the best so far, {search.history['best'].max():.4f}, first reached in trial {last}.",
    )
    yield Chart(
        "Time",
        f"Seconds spent fitting all folds of a trial; {search.times['fit_seconds'].sum():.1f} s in all.",
        draw.seconds(search.times),
        f"Bars of fitting seconds for each trial, the longest {search.times['fit_seconds'].max():.2f} s.",
    )
    if len(search.edges):
        yield Grid(
            "Best value at the edge of its range",
            "The optimum may lie outside: run again with the override.",
            search.edges.astype({"setting": str}),
        )
    if len(search.importance):
        yield Chart(
            "Importance of the parameters",
            search.note,
            draw.parameter_importance(search.importance),
            "Importance: "
            + ", ".join(
                f"{r['parameter']} {r['importance']:.2f} ({r['evaluator']})"
                for _, r in search.importance.iterrows()
            ),
            search.importance,
        )
    elif search.note:
        yield Note("Importance of the parameters", search.note)
    if search.history["value"].nunique() == 1:
        only = f"All {len(study.trials)} trials scored the same, {search.history['best'].max():.4f}"
        yield Note("Nothing to choose", f"{only}: any would have done.")
        return
    positions = parallel_positions(search.slices, space)
    if positions["parameter"].nunique() > 1:
        yield Chart(
            "Parallel coordinates",
            "One line per trial, the better the stronger: strong lines that run together show what works.",
            draw.parallel(positions, scoring),
            f"One line for each of {positions['number'].nunique()} trials over {', '.join(space)}.",
        )
    if len(search.slices):
        logs = {name for name, spec in space.items() if spec.get("log")}
        yield Chart(
            "Slices",
            "Each trial's score against one parameter; darker points are later trials.",
            draw.slices(search.slices, logs, scoring),
            f"Score against each of {', '.join(space)}, one panel each.",
        )


def parallel_positions(slices: pd.DataFrame, space: Mapping[str, Any]) -> pd.DataFrame:
    """Where each setting lies between the low end of its range (0) and the high end (1).

    Parameters
    ----------
    slices : columns ``parameter``, ``number``, ``setting``, ``value``
    space : parameter -> ``{low, high, log}`` or ``{choices}``

    Returns
    -------
    ``slices`` with ``place``, and ``setting`` as text
    """
    places = [_place(s, space[p]) for p, s in zip(slices["parameter"], slices["setting"], strict=True)]
    texts = [
        f"{s:.4g}" if isinstance(s, float) else cell(s).text if s is not None else "none"
        for s in slices["setting"]
    ]
    return slices.assign(place=np.array(places, dtype=np.float64), setting=texts)


def _place(setting: Any, spec: Mapping[str, Any]) -> float:
    if "choices" in spec:
        choices = list(spec["choices"])
        return choices.index(setting) / max(len(choices) - 1, 1) if setting in choices else float("nan")
    if setting is None:
        return float("nan")
    low, high, at = (np.log(v) if spec.get("log") else v for v in (spec["low"], spec["high"], setting))
    return float((at - low) / (high - low)) if high > low else 0.5
