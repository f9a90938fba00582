"""Saved views of MLflow's UI: links that open runs with the right columns and charts.

The UI stores a view as a tag of the experiment, which a client can write. The format is not documented. A view that
cannot be written is skipped and never fails a run.
"""

import base64
import json
import time
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from dge_experiments.tracking.store import ui

TAG = "mlflow.sharedViewState"
CHARTS = "&compareRunsMode=CHART"
ATTRIBUTES = ("Run Name", "Created", "Duration", "Models")
PIXELS = 8  # for each letter of a column's name


@dataclass(frozen=True)
class Links:
    """The two pages of a saved view: runs as a table, and as charts."""

    table: str
    charts: str


def bars(*metrics: str) -> dict[str, Any]:
    """One bar per run and metric."""
    return {
        "type": "BAR",
        "displayName": ", ".join(metrics),
        "metricKey": metrics[0],
        "dataAccessKey": metrics[0],
        "selectedMetricKeys": list(metrics),
        "runsCountToCompare": 20,
    }


def scatter(x: str, y: str) -> dict[str, Any]:
    """One point per run: metric ``y`` against metric ``x``."""
    axes = {name: {"key": key, "type": "METRIC"} for name, key in (("xaxis", x), ("yaxis", y))}
    return {"type": "SCATTER", "displayName": f"{y} against {x}", "runsCountToCompare": 100, **axes}


def parallel(parameters: Sequence[str], metric: str) -> dict[str, Any]:
    """Parallel coordinates: one line per run through its parameters, coloured by ``metric``."""
    return {
        "type": "PARALLEL",
        "displayName": f"{', '.join(parameters)} and {metric}",
        "selectedParams": list(parameters),
        "selectedMetrics": [metric],
        "showAllRuns": True,
    }


def save(
    client: MlflowClient,
    experiment_id: str,
    key: str,
    name: str,
    runs: str,
    columns: Sequence[str],
    order: str,
    charts: Sequence[Mapping[str, Any]],
    ascending: bool = False,
) -> Links:
    """Save a view and return its links; where it cannot be saved, links to the unfiltered runs.

    Parameters
    ----------
    key, name : unique key of the view, and its name in the Views menu
    runs : MLflow filter, such as ``tags.sweep_id = 'x'``
    columns : such as ``metrics.`cv/accuracy```
    order : the column to sort by, highest first unless ``ascending``
    charts : made by ``bars``, ``scatter`` and ``parallel``
    """
    base = f"{ui()[0]}/#/experiments/{experiment_id}/runs?workflowType=machine_learning"
    state = _state(key, runs, columns, order, charts, ascending)
    packed = base64.b64encode(zlib.compress(json.dumps(state).encode())).decode()
    now = int(time.time() * 1000)
    view = {"name": name, "createdAt": now, "updatedAt": now, "state": f"deflate;{packed}"}
    try:
        client.set_experiment_tag(experiment_id, f"{TAG}.{key}", json.dumps(view))
    except MlflowException:
        return Links(base, base + CHARTS)
    return links(experiment_id, key)


def links(experiment_id: str, key: str) -> Links:
    """Links to a saved view."""
    link = (
        f"{ui()[0]}/#/experiments/{experiment_id}/runs?workflowType=machine_learning&viewStateShareKey={key}"
    )
    return Links(link, link + CHARTS)


def _state(
    key: str,
    runs: str,
    columns: Sequence[str],
    order: str,
    charts: Sequence[Mapping[str, Any]],
    ascending: bool,
) -> dict[str, Any]:
    fixed = {"deleted": False, "isGenerated": False}
    section = {"uuid": f"{key}-charts", "name": "Charts", "display": True, "isReordered": False, **fixed}
    cards = [
        {"uuid": f"{key}-{number}", "metricSectionId": section["uuid"], **fixed, **chart}
        for number, chart in enumerate(charts)
    ]
    attributes = [f"attributes.`{name}`" for name in ATTRIBUTES]
    column_order = [*(a for a in attributes if a not in columns), *columns]
    return {
        "searchFilter": runs,
        "orderByKey": order,
        "orderByAsc": ascending,
        "startTime": "ALL",
        "lifecycleFilter": "Active",
        "datasetsFilter": [],
        "modelVersionFilter": "All Runs",
        "selectedColumns": list(columns),
        "columnOrder": column_order,
        "columnWidths": {column: _width(column) for column in column_order},
        "runsHiddenMode": "SHOW_ALL",
        "runsPinned": [],
        "runsHidden": [],
        "viewMaximized": True,
        "runListHidden": False,
        "isAccordionReordered": True,
        "useGroupedValuesInCharts": True,
        "hideEmptyCharts": True,
        "groupBy": None,
        "groupsExpanded": {},
        "autoRefreshEnabled": False,
        "globalLineChartConfig": {"xAxisKey": "step", "lineSmoothness": 0, "selectedXAxisMetricKey": ""},
        "compareRunCharts": cards,
        "compareRunSections": [{**section, "columns": 2, "cardHeight": 400}],
    }


def _width(column: str) -> int:
    """Width in pixels that fits the column's name; the first column fits the names of runs."""
    return 240 if column == "attributes.`Run Name`" else max(120, PIXELS * len(column.partition(".")[2]) + 30)
