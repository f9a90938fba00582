"""An MLflow experiment says how it is to be read."""

from pathlib import Path

from dge_experiments.tracking import store


def test_a_new_experiment_has_a_description(project: Path) -> None:
    client = store.connect(None)
    made = store.experiment_id(client, "t-direction")
    note = client.get_experiment(made).tags["mlflow.note.content"]
    assert "role = model" in note and "honest/" in note and "metrics.csv" in note
    assert store.experiment_id(client, "t-direction") == made
