"""Saved views of MLflow's UI: links that open a sweep's runs with the right columns.

The UI keeps a view as an experiment tag that a client may write. The format is not documented: a view that cannot
be written is left out and never fails a run.
"""

import base64
import json
import time
import zlib
from collections.abc import Sequence
from typing import Any

from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from dge_experiments.tracking.store import ui


def table(
    client: MlflowClient,
    experiment_id: str,
    key: str,
    name: str,
    runs: str,
    columns: Sequence[str],
    order: str,
) -> str:
    """Save a view of the runs table and return its link.

    Parameters
    ----------
    key, name : unique key of the view, and its name in the Views menu
    runs : MLflow filter, such as ``tags.sweep_id = 'x'``
    columns : such as ``metrics.`cv/accuracy```; order: one of them, highest first
    """
    state = _state(runs, columns, order)
    return _save(client, experiment_id, key, name, state, mode="")


def charts(
    client: MlflowClient, experiment_id: str, key: str, name: str, runs: str, metrics: Sequence[Sequence[str]]
) -> str:
    """Save a view with one bar chart for each group of metrics, one bar a run, and return its link."""
    section = f"{key}-scores"
    cards = [
        {
            "uuid": f"{key}-{number}",
            "type": "BAR",
            "runsCountToCompare": 20,
            "metricSectionId": section,
            "deleted": False,
            "isGenerated": False,
            "displayName": " and ".join(group),
            "metricKey": group[0],
            "dataAccessKey": group[0],
            "selectedMetricKeys": list(group),
        }
        for number, group in enumerate(metrics)
    ]
    sections = [
        {
            "uuid": section,
            "name": "Scores",
            "display": True,
            "isReordered": False,
            "deleted": False,
            "isGenerated": False,
        }
    ]
    order = f"metrics.`{metrics[0][0]}`"
    state = {
        **_state(runs, ["tags.`model`", *(f"metrics.`{m}`" for g in metrics for m in g)], order),
        "compareRunCharts": cards,
        "compareRunSections": sections,
        "isAccordionReordered": True,
    }
    return _save(client, experiment_id, key, name, state, mode="&compareRunsMode=CHART")


def _state(runs: str, columns: Sequence[str], order: str) -> dict[str, Any]:
    return {
        "searchFilter": runs,
        "orderByKey": order,
        "orderByAsc": False,
        "startTime": "ALL",
        "lifecycleFilter": "Active",
        "datasetsFilter": [],
        "modelVersionFilter": "All Runs",
        "selectedColumns": list(columns),
        "columnOrder": [],
        "columnWidths": {},
        "runsHiddenMode": "SHOWALL",
        "runsPinned": [],
        "runsHidden": [],
        "viewMaximized": True,
        "runListHidden": False,
        "isAccordionReordered": False,
        "useGroupedValuesInCharts": True,
        "hideEmptyCharts": True,
        "groupBy": None,
        "groupsExpanded": {},
        "autoRefreshEnabled": False,
        "globalLineChartConfig": {"xAxisKey": "step", "lineSmoothness": 0, "selectedXAxisMetricKey": ""},
    }


def _save(
    client: MlflowClient, experiment_id: str, key: str, name: str, state: dict[str, Any], mode: str
) -> str:
    base = f"{ui()[0]}/#/experiments/{experiment_id}/runs?workflowType=machine_learning"
    packed = base64.b64encode(zlib.compress(json.dumps(state).encode())).decode()
    now = int(time.time() * 1000)
    view = {"name": name, "createdAt": now, "updatedAt": now, "state": f"deflate;{packed}"}
    try:
        client.set_experiment_tag(experiment_id, f"mlflow.sharedViewState.{key}", json.dumps(view))
    except MlflowException:
        return base + mode
    return f"{base}&viewStateShareKey={key}{mode}"
