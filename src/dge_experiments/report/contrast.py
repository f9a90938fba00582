"""Two runs side by side: as JSON, CSV, a page, and in words."""

import json
from typing import Any

import pandas as pd

from dge_experiments.evaluation.contrast import Contrast
from dge_experiments.evaluation.run_row import RunRow
from dge_experiments.report.page.page import Chapter, Grid, Report, page
from dge_experiments.report.words.sentence import Sentence

PLACES = {"first": "first run", "second": "second run", "p_value": "p"}


def sentence(found: Contrast) -> str:
    """Whether their scores may be compared, and what differs."""
    settings = f"{len(found.settings)} settings and parameters differ"
    if found.comparable:
        return f"Both runs answer one question on one split: their scores are compared; {settings}."
    differ = ", ".join(found.data["what"])
    return f"The runs differ in {differ}: their scores stand side by side and are not compared; {settings}."


def tables(found: Contrast) -> dict[str, pd.DataFrame]:
    """What is shown, by its title; a table without rows is left out."""
    shown = {"Data": found.data, "Settings, parameters, software": found.settings, "Scores": found.scores}
    return {title: frame for title, frame in shown.items() if len(frame)}


def as_json(found: Contrast) -> str:
    """Everything, as one object."""
    return json.dumps(
        {
            "runs": [_run(found.first), _run(found.second)],
            "comparable": found.comparable,
            "data": found.data.to_dict("records"),
            "settings": found.settings.to_dict("records"),
            "scores": _rows(found.scores),
            "sentence": sentence(found),
        },
        indent=2,
    )


def as_csv(found: Contrast) -> str:
    """All tables under each other; ``table`` says which."""
    frames = [frame.assign(table=title) for title, frame in tables(found).items()]
    whole = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=["table"])
    order = ["table", *(column for column in whole if column != "table")]
    return whole[order].to_csv(index=False, lineterminator="\n")


def as_html(found: Contrast) -> str:
    """One page that opens with no network."""
    grids = [
        Grid(title, "", frame.rename(columns=PLACES), wide=True) for title, frame in tables(found).items()
    ]
    names = [f"{row.called} ({row.run_id[:8]})" for row in (found.first, found.second)]
    report = Report(
        title="Two runs compared",
        subtitle=" and ".join(names),
        verdict=[Sentence("comparison", sentence(found))],
        leak=found.first.leaks or found.second.leaks,
        chapters=[Chapter("contrast", "What differs", "", grids)],
    )
    return page(report)


def _run(row: RunRow) -> dict[str, Any]:
    return {"run_id": row.run_id, "run_name": row.run_name, "model": row.model, "experiment": row.experiment}


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): v for k, v in row.items() if v == v} for row in frame.to_dict("records")]
