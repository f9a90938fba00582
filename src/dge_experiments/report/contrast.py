"""Two runs side by side: as JSON, CSV, a page, and in words."""

import json
from typing import Any

import pandas as pd

from dge_experiments.evaluation.contrast import Contrast
from dge_experiments.evaluation.run_row import RunRow
from dge_experiments.report.page.page import Chapter, Grid, Report, page
from dge_experiments.report.words.sentence import Sentence

PLACES = {"first": "first run", "second": "second run", "p_value": "p"}


def sentence(contrast: Contrast) -> str:
    """Whether the scores of the two runs may be compared, and what differs."""
    settings = f"{len(contrast.settings)} settings and parameters differ"
    if contrast.comparable:
        return f"Both runs answer one question on one split: their scores are compared; {settings}."
    differ = ", ".join(contrast.data["what"])
    return f"The runs differ in {differ}: their scores stand side by side and are not compared; {settings}."


def tables(contrast: Contrast) -> dict[str, pd.DataFrame]:
    """The tables by their titles; those without rows are left out."""
    named = {
        "Data": contrast.data,
        "Settings, parameters, software": contrast.settings,
        "Scores": contrast.scores,
    }
    return {title: frame for title, frame in named.items() if len(frame)}


def as_json(contrast: Contrast) -> str:
    """Everything, as one object."""
    return json.dumps(
        {
            "runs": [_run(contrast.first), _run(contrast.second)],
            "comparable": contrast.comparable,
            "data": contrast.data.to_dict("records"),
            "settings": contrast.settings.to_dict("records"),
            "scores": _rows(contrast.scores),
            "sentence": sentence(contrast),
        },
        indent=2,
    )


def as_csv(contrast: Contrast) -> str:
    """All tables, one below the other; ``table`` is the title."""
    frames = [frame.assign(table=title) for title, frame in tables(contrast).items()]
    combined = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=["table"])
    order = ["table", *(column for column in combined if column != "table")]
    return combined[order].to_csv(index=False, lineterminator="\n")


def as_html(contrast: Contrast) -> str:
    """One page that works offline."""
    grids = [
        Grid(title, "", frame.rename(columns=PLACES), wide=True) for title, frame in tables(contrast).items()
    ]
    names = [f"{row.called} ({row.run_id[:8]})" for row in (contrast.first, contrast.second)]
    report = Report(
        title="Two runs compared",
        subtitle=" and ".join(names),
        verdict=[Sentence("comparison", sentence(contrast))],
        leak=contrast.first.leaks or contrast.second.leaks,
        chapters=[Chapter("contrast", "What differs", "", grids)],
    )
    return page(report)


def _run(row: RunRow) -> dict[str, Any]:
    return {"run_id": row.run_id, "run_name": row.run_name, "model": row.model, "experiment": row.experiment}


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): v for k, v in row.items() if v == v} for row in frame.to_dict("records")]
