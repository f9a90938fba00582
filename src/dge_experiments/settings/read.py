"""conf/ found, and a composed configuration checked against its schema."""

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import (
    ConfigKeyError,
    InterpolationResolutionError,
    MissingMandatoryValue,
    OmegaConfBaseException,
    ValidationError,
)

from dge_experiments.errors import BadInput, first_line, nearest, printable
from dge_experiments.settings.conf import no_such_key, options
from dge_experiments.settings.fields import Field, plain, walk
from dge_experiments.settings.schema import Data, Reading

Schema = TypeVar("Schema")
MISSING = "???"
INTERPOLATION = re.compile(r"\$\{([\w.]+)\}")


def read(config: DictConfig, schema: type[Schema]) -> Schema:
    """Check a composed configuration against ``schema`` and return it as that dataclass.

    Interpolations are resolved first, so that what they stand for is checked. A whole number may be written as
    20.0, as typed parameters of ``mlflow run`` are.

    Raises
    ------
    BadInput
        an unknown key (with the nearest known one), a value of the wrong type or outside what its rule allows, a
        value that must be given
    """
    known = {field.key: field for field in walk(schema)}  # type: ignore[arg-type]
    raw = OmegaConf.to_container(config, resolve=False)
    try:
        given = _resolved(config, raw, known)
        for field in known.values():
            _check_kind(field, _at(given, field.key), _typed(field.key, raw, known))
        typed = OmegaConf.merge(OmegaConf.structured(schema), given)
        settings: Schema = OmegaConf.to_object(typed)  # type: ignore[assignment]
    except ConfigKeyError as error:
        raise BadInput(no_such_key(str(error.full_key), known)) from None
    except MissingMandatoryValue as error:
        raise BadInput(f"{error.full_key}: must be given; add {error.full_key}=VALUE") from None
    except InterpolationResolutionError as error:
        raise BadInput(f"{_typed(str(error.full_key), raw, known)}: {first_line(error)}") from None
    except ValidationError as error:
        key = str(error.full_key)
        typed_key = _typed(key, raw, known)
        raise BadInput(_wrong(typed_key, _at(given, key), known.get(key.partition("[")[0]))) from None
    except OmegaConfBaseException as error:
        raise BadInput(f"{error.full_key or 'configuration'}: {first_line(error)}") from None
    for field in known.values():
        _check_rules(field, _at_object(settings, field.key), _typed(field.key, raw, known))
    return settings


def further_table(entry: Any, key: str, shared: Mapping[str, Any]) -> Data:
    """A table beside the run's own: a path, read by the ``shared`` options, or a mapping of ``path`` and its own.

    Raises
    ------
    BadInput
        an unknown option, a wrong value, or no path; ``key`` says where
    """
    own = {**plain(Reading()), **entry} if isinstance(entry, Mapping) else {**shared, "path": entry}
    try:
        return read(OmegaConf.create(own), Data)
    except BadInput as error:
        raise BadInput(f"{key}: {error}") from None


def _typed(key: str, raw: Any, known: Mapping[str, Field]) -> str:
    """The key whose value another one takes over: ``seed`` for ``split.seed``, which conf/ gives as ``${seed}``."""
    stands_for = INTERPOLATION.fullmatch(str(_at(raw, key)))
    if stands_for is None or key not in known or stands_for[1] not in known:
        return key
    of, own = known[stands_for[1]], known[key]
    return _typed(of.key, raw, known) if (of.type, of.many) == (own.type, own.many) else key


def _resolved(config: DictConfig, raw: Any, known: Mapping[str, Field]) -> dict[str, Any]:
    """The configuration as plain values; whole numbers written with a point become whole."""
    for field in known.values():
        if field.nested and not field.optional and "." not in field.key and _at(raw, field.key) is None:
            names = options(field.key)
            add = f"add {field.key}=NAME (there are {', '.join(names)})" if names else "leave it as it is"
            raise BadInput(f"{field.key}: must be given; {add}")
    given: dict[str, Any] = OmegaConf.to_container(config, resolve=True)  # type: ignore[assignment]
    for field in known.values():
        value = _at(given, field.key)
        if field.type is int and isinstance(value, float) and value.is_integer():
            group, _, name = field.key.rpartition(".")
            (_at(given, group) if group else given)[name] = int(value)
    return given


def _check_kind(field: Field, value: Any, key: str) -> None:
    """OmegaConf takes 2 for true, ``Calibration.none`` for none and any value in a list; here kinds are strict.

    ``key`` is the one that was typed.
    """
    if value is None or value == MISSING or field.type is Any:
        return
    if field.nested or (field.type is dict and not field.many):
        fits = isinstance(value, Mapping)
    elif field.many:
        fits = isinstance(value, list) and not any(isinstance(each, list | dict | None) for each in value)
    elif field.type is bool:
        fits = isinstance(value, bool)
    else:
        fits = not isinstance(value, list | dict) and (not field.choices or value in field.choices)
    if not fits:
        near = nearest(str(value), field.choices) if field.choices else ""
        raise BadInput(_wrong(key, value, field) + near)


def _check_rules(field: Field, value: Any, key: str) -> None:
    values = {key: value}
    if field.many and value is not None:
        values = {f"{key}[{place}]": each for place, each in enumerate(value)}
    for at, each in values.items():
        for rule in field.rules:
            fault = None if each is None or isinstance(each, bool) else rule.fault(each)
            if fault:
                raise BadInput(f"{at}={printable(each)}: {fault}")


def _wrong(key: str, value: Any, field: Field | None) -> str:
    kind = field.kind if field else "of another kind"
    return f"{key}={printable('null' if value is None else value)}: must be {kind}"


def _at(given: Any, key: str) -> Any:
    """The value under a dotted key of nested mappings, None where there is none."""
    for name in key.partition("[")[0].split("."):
        given = given.get(name) if isinstance(given, Mapping) else None
    return given


def _at_object(settings: Any, key: str) -> Any:
    for name in key.split("."):
        settings = getattr(settings, name, None)
    return settings
