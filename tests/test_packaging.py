"""What packages the project beside pyproject.toml says the same: conda recipe, Dockerfile, citation, workflow."""

import tomllib

import yaml

from dge_experiments.version import __version__
from given import REPOSITORY

PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
RENAMED = {"py-xgboost": "xgboost"}  # conda-forge's package without CUDA


def test_the_recipe_names_the_version_the_command_and_the_dependencies_of_the_project() -> None:
    recipe = yaml.safe_load((REPOSITORY / "recipe" / "recipe.yaml").read_text(encoding="utf-8"))
    assert recipe["context"]["version"] == __version__
    assert recipe["package"]["name"] == PROJECT["name"]
    assert recipe["about"]["summary"] == PROJECT["description"]
    commands = [f"{name} = {target}" for name, target in PROJECT["scripts"].items()]
    assert recipe["build"]["python"]["entry_points"] == commands
    python, *needed = (tuple(line.split(" ", 1)) for line in recipe["requirements"]["run"])
    assert python == ("python", PROJECT["requires-python"])
    assert {f"{RENAMED.get(name, name)}{bounds}" for name, bounds in needed} == set(PROJECT["dependencies"])


def test_the_image_has_the_lock_and_a_python_of_the_project() -> None:
    lines = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8").splitlines()
    (base,) = [line for line in lines if line.startswith("FROM ")]
    assert base == "FROM python:3.11-slim" and PROJECT["requires-python"].startswith(">=3.11")
    assert any("--require-hashes -r /tmp/requirements.lock" in line for line in lines)
    assert lines[-1] == f'ENTRYPOINT ["{next(iter(PROJECT["scripts"]))}"]'


def test_the_citation_names_the_same_version_authors_and_licence() -> None:
    citation = yaml.safe_load((REPOSITORY / "CITATION.cff").read_text(encoding="utf-8"))
    assert (citation["version"], citation["license"]) == (__version__, PROJECT["license"])
    assert citation["abstract"] == PROJECT["description"]
    assert [author["name"] for author in citation["authors"]] == [a["name"] for a in PROJECT["authors"]]


def test_the_workflow_runs_the_gate_on_every_python_of_the_project() -> None:
    workflow = yaml.safe_load((REPOSITORY / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    gate = workflow["jobs"]["gate"]
    supported = [c.rpartition(" ")[2] for c in PROJECT["classifiers"] if "Python :: 3." in c]
    assert gate["strategy"]["matrix"]["python"] == supported
    assert any(".ci/run" in step.get("run", "") for step in gate["steps"])
    assert "make docs" in (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8")
