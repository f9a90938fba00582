"""Every key of every command has a kind and a rule, and nonsense is refused in one line that names the key."""

import math
import re
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hydra import compose, initialize_config_dir
from omegaconf import DictConfig, OmegaConf

from dge_experiments.errors import BadInput
from dge_experiments.experiment.plan import prepare
from dge_experiments.settings import Inspection, Settings, conf_folder, read, walk
from dge_experiments.settings.commands import Comparing, Predicting, Registration
from dge_experiments.settings.estimator import estimator
from dge_experiments.settings.fields import Field
from dge_experiments.settings.rules import Pattern, Range
from given import GROUPS, settings

pytestmark = pytest.mark.slow

COMMANDS = {
    "config": (Settings, ["sweep_id=s", "data=simulated", "target=replication", "target.path=x.csv"]),
    "inspect": (Inspection, ["data.path=x.csv"]),
    "compare": (Comparing, []),
    "register": (Registration, []),
    "predict": (Predicting, ["data.path=x.csv", "out=x.csv"]),
}
KEYS = [(command, field) for command, (schema, _) in COMMANDS.items() for field in walk(schema)]
ONCE = {field: (command, field) for command, field in reversed(KEYS) if not field.nested}
LEAVES = list(ONCE.values())[::-1]
TABLES = ("target.path", "evaluation.external", "studies")  # each a path, or several
EVERY = ["${nothing}", [[1]], [{"a": 1}], ["\x1b[31m"], {"a": math.nan}, {"a": {"b": "\x00"}}]
WORDS = ["", " ", "a\x1b[31mb", "a\x00b", "a\u202eb", "\x9b31m", "\x7f", "x" * 5000, ["a"], {"a": 1}]
NUMBERS = ["many", math.nan, math.inf, -math.inf, True, "", [1], {"a": 1}, "0x", "1,5", 1e308]


@cache
def composed(command: str) -> DictConfig:
    with initialize_config_dir(str(conf_folder()), version_base="1.3"):
        return compose(command, COMMANDS[command][1])


def wrong(field: Field) -> list[object]:
    """Ten values or more that the key must not take."""
    values: list[object] = list(EVERY)
    if not field.optional and field.type is not Any:
        values.append(None)
    if field.many:
        return [*values, 1, 1.5, True, "a", {"a": 1}, [None], [""], ["x" * 5000]]
    if field.type is bool:
        return [*values, 2, 1, 0, 1.5, "yes", "", "maybe", math.nan]
    if field.choices:
        return [*values, "nope", "", 1, True, math.nan, field.choices[0].upper(), f" {field.choices[0]}"]
    if field.type is dict:
        return [*values, 1, 1.5, True, "a", ["a"], {"\x1b": 1}, {"a": [math.inf]}, "${seed}"]
    if field.type in (int, float):
        fractions: list[object] = [1.5, "2.5"] if field.type is int else []
        return [*values, *NUMBERS, *fractions, *(out for rule in field.rules for out in outside(rule))]
    values += [value for value in WORDS if value != ["a"] or field.key not in TABLES]
    if any(isinstance(rule, Pattern) for rule in field.rules):
        values += ["../x", "..", "/", "a/b", "a'b", "-", ".hidden", "a\nb", 'a"b']
    return values


def outside(rule: object) -> list[float]:
    assert isinstance(rule, Range)
    ends = [rule.low - 1, rule.high + 1, rule.above, rule.below]
    return [end for end in ends if math.isfinite(end) and end not in rule.also]


@pytest.mark.parametrize(("command", "field"), KEYS, ids=lambda v: getattr(v, "key", v))
def test_every_key_has_a_rule(command: str, field: Field) -> None:
    free = field.nested or field.choices or field.type is bool
    assert free or field.rules, (
        f"{field.key} of {command} takes anything: declare what it may be in the schema"
    )


@pytest.mark.parametrize(("command", "field"), LEAVES, ids=lambda v: getattr(v, "key", v))
def test_nonsense_is_one_line_that_begins_with_the_key(command: str, field: Field) -> None:
    """That which was typed, also where others take its value over, as ``split.seed`` does that of ``seed``."""
    values = wrong(field)
    assert len(values) >= 10
    group = field.key.partition(".")[0]
    given = composed(command)
    before = OmegaConf.to_container(given, resolve=False)[group]
    for value in values:
        OmegaConf.update(given, field.key, value, merge=False, force_add=True)
        with pytest.raises(BadInput) as refused:
            read(given, COMMANDS[command][0])
            pytest.fail(f"{field.key}={value!r} was taken")
        given[group] = before
        said = str(refused.value)
        assert re.match(rf"{re.escape(field.key)}\b", said), said
        assert said.isprintable() and len(said) < 600


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_that_is_null_is_one_line(group: str) -> None:
    for value in ("null", "3", "true"):
        with pytest.raises(BadInput, match=rf"^{group}={value}: must be one of"):
            settings(f"{group}={value}")


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("target.scoring=acuracy", "target.scoring=acuracy: no such metric"),
        ("search.scoring=acuracy", "search.scoring=acuracy: no such metric"),
        ("explanation.methods=[shapp]", "explanation.methods: no method 'shapp', did you mean shap?"),
        ("search.models=[logistic_regresion]", "search.models.*did you mean logistic_regression"),
        ("target.name=nope", "target.name=nope"),
        ("model.path=nope", "model.path=nope"),
        ("+model.estimator.max_depth=-1", r"model\.estimator: .*max_depth"),
        ("compute.scheduler=tcp://h:1", "compute.scheduler=tcp://h:1: is not used by compute=local"),
        (
            "evaluation.external=[bundled:all_discovery,bundled:all_discovery]",
            "evaluation.external: .*all_discovery",
        ),
        ("data.dialect=lima", "data.dialect=lima"),
    ],
)
def test_a_name_that_is_not_there_is_refused_before_the_search(override: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        chosen = settings(override)
        prepare(chosen, estimator(chosen.model))


GROUP_FAULTS = [
    "model@a=1.5",
    "@x=1",
    "+@x=1.5",
    "model@_global_=lasso",
    "hydra=1",
    "hydra=null",
    "hydra/launcher=1.5",
    "model=1e5",
    "model=nan",
    "+model=1",
    "data={a: 1}",
    "++search=true",
    "model=null",
    "split=1_0",
]


@pytest.mark.parametrize("override", GROUP_FAULTS)
def test_a_group_that_is_given_no_name_or_moved_is_one_line(override: str) -> None:
    with pytest.raises(BadInput) as refused:
        settings(override)
    assert "\n" not in str(refused.value)


def test_a_rule_says_what_is_allowed() -> None:
    for override, said in {
        "split.test_size=1.5": "split.test_size=1.5: must be above 0 and below 1",
        "evaluation.permutations=1": "must be 0 or 19 or more and at most 100000 (with fewer than 19",
        "seed=-1": "seed=-1: must be 0 or more and at most 4294967295",
        "sweep_id=../../x": "sweep_id=../../x: must be a word of letters",
        "calibration=sigmiod": "one of auto, none, sigmoid, beta, isotonic, did you mean sigmoid?",
        "model.name=rf.v2": "model.name=rf.v2: must be a word of letters",
        "data.dialects=${seed}": "data.dialects=42: must be a list such as [a, b]",
    }.items():
        with pytest.raises(BadInput) as refused:
            settings(override)
        assert said in str(refused.value)


def test_a_key_without_a_rule_is_found() -> None:
    field = next(field for _, field in LEAVES if field.key == "split.folds")
    with pytest.raises(AssertionError, match="split.folds of config takes anything"):
        test_every_key_has_a_rule("config", replace(field, rules=()))
