"""Check a composed configuration against its schema."""

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

    Interpolations are resolved first, so that their values are checked. A whole number may be written as
    20.0, as typed parameters of ``mlflow run`` are.

    Raises
    ------
    BadInput
        an unknown key (with the nearest known one), a value of the wrong type or outside what its rule allows, a
        value that must be given
    """
    fields = {field.key: field for field in walk(schema)}  # type: ignore[arg-type]
    raw = OmegaConf.to_container(config, resolve=False)
    try:
        resolved = _resolved(config, raw, fields)
        for field in fields.values():
            _check_kind(field, _at(resolved, field.key), _typed_key(field.key, raw, fields))
        typed = OmegaConf.merge(OmegaConf.structured(schema), resolved)
        settings: Schema = OmegaConf.to_object(typed)  # type: ignore[assignment]
    except ConfigKeyError as error:
        raise BadInput(no_such_key(str(error.full_key), fields)) from None
    except MissingMandatoryValue as error:
        raise BadInput(f"{error.full_key}: must be given; add {error.full_key}=VALUE") from None
    except InterpolationResolutionError as error:
        raise BadInput(f"{_typed_key(str(error.full_key), raw, fields)}: {first_line(error)}") from None
    except ValidationError as error:
        key = str(error.full_key)
        typed_key = _typed_key(key, raw, fields)
        raise BadInput(
            _wrong_kind(typed_key, _at(resolved, key), fields.get(key.partition("[")[0]))
        ) from None
    except OmegaConfBaseException as error:
        raise BadInput(f"{error.full_key or 'configuration'}: {first_line(error)}") from None
    for field in fields.values():
        _check_rules(field, _at_object(settings, field.key), _typed_key(field.key, raw, fields))
    return settings


def further_table(entry: Any, key: str, shared: Mapping[str, Any]) -> Data:
    """A table in addition to the run's: a path, read with the ``shared`` options, or a mapping of ``path`` and options.

    Raises
    ------
    BadInput
        an unknown option, a wrong value, or no path; the line begins with ``key``
    """
    table_options = {**plain(Reading()), **entry} if isinstance(entry, Mapping) else {**shared, "path": entry}
    try:
        return read(OmegaConf.create(table_options), Data)
    except BadInput as error:
        raise BadInput(f"{key}: {error}") from None


def _typed_key(key: str, raw: Any, fields: Mapping[str, Field]) -> str:
    """The key that the user typed: ``seed`` for ``split.seed``, which conf/ defines as ``${seed}``."""
    stands_for = INTERPOLATION.fullmatch(str(_at(raw, key)))
    if stands_for is None or key not in fields or stands_for[1] not in fields:
        return key
    target, field = fields[stands_for[1]], fields[key]
    return (
        _typed_key(target.key, raw, fields) if (target.type, target.many) == (field.type, field.many) else key
    )


def _resolved(config: DictConfig, raw: Any, fields: Mapping[str, Field]) -> dict[str, Any]:
    """The configuration as plain values; integers written with a decimal point become integers."""
    for field in fields.values():
        if field.nested and not field.optional and "." not in field.key and _at(raw, field.key) is None:
            names = options(field.key)
            add = f"add {field.key}=NAME (there are {', '.join(names)})" if names else "leave it as it is"
            raise BadInput(f"{field.key}: must be given; {add}")
    resolved: dict[str, Any] = OmegaConf.to_container(config, resolve=True)  # type: ignore[assignment]
    for field in fields.values():
        value = _at(resolved, field.key)
        if field.type is int and isinstance(value, float) and value.is_integer():
            group, _, name = field.key.rpartition(".")
            (_at(resolved, group) if group else resolved)[name] = int(value)
    return resolved


def _check_kind(field: Field, value: Any, key: str) -> None:
    """Check the kind of a value more strictly than OmegaConf.

    It accepts 2 for true, ``Calibration.none`` for none and any value in a list. ``key`` is the one that was typed.
    """
    if value is None or value == MISSING or field.type is Any:
        return
    if field.nested or (field.type is dict and not field.many):
        fits = isinstance(value, Mapping)
    elif field.many:
        fits = isinstance(value, list) and not any(
            isinstance(element, list | dict | None) for element in value
        )
    elif field.type is bool:
        fits = isinstance(value, bool)
    else:
        fits = not isinstance(value, list | dict) and (not field.choices or value in field.choices)
    if not fits:
        near = nearest(str(value), field.choices) if field.choices else ""
        raise BadInput(_wrong_kind(key, value, field) + near)


def _check_rules(field: Field, value: Any, key: str) -> None:
    values = {key: value}
    if field.many and value is not None:
        values = {f"{key}[{place}]": element for place, element in enumerate(value)}
    for element_key, element in values.items():
        for rule in field.rules:
            fault = None if element is None or isinstance(element, bool) else rule.fault(element)
            if fault:
                raise BadInput(f"{element_key}={printable(element)}: {fault}")


def _wrong_kind(key: str, value: Any, field: Field | None) -> str:
    kind = field.kind if field else "of another kind"
    return f"{key}={printable('null' if value is None else value)}: must be {kind}"


def _at(node: Any, key: str) -> Any:
    """The value under a dotted key of nested mappings, None where there is none."""
    for name in key.partition("[")[0].split("."):
        node = node.get(name) if isinstance(node, Mapping) else None
    return node


def _at_object(settings: Any, key: str) -> Any:
    for name in key.split("."):
        settings = getattr(settings, name, None)
    return settings
