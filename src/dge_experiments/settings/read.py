"""conf/ found, and a composed configuration checked against its schema."""

import copy
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TypeVar, get_type_hints

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import (
    ConfigKeyError,
    InterpolationResolutionError,
    MissingMandatoryValue,
    OmegaConfBaseException,
    ValidationError,
)

from dge_experiments.errors import BadInput, first_line, nearest

Schema = TypeVar("Schema")


def conf_folder() -> Path:
    """conf/: the package's own where it was installed from a wheel, else the checkout's."""
    packaged = Path(__file__).parents[1] / "conf"
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "conf"


def read(config: DictConfig, schema: type[Schema]) -> Schema:
    """Check a composed configuration against ``schema`` and return it as that dataclass.

    A whole number may be written as 20.0, as typed parameters of ``mlflow run`` are.

    Raises
    ------
    BadInput
        an unknown key (with the nearest known one), a value of the wrong type, a value that must be given
    """
    try:
        typed = OmegaConf.merge(OmegaConf.structured(schema), config)
        return OmegaConf.to_object(typed)  # type: ignore[return-value]
    except ConfigKeyError as error:
        raise BadInput(unknown_key(str(error.full_key), keys(schema))) from None
    except MissingMandatoryValue as error:
        raise BadInput(f"{error.full_key}: must be given; add {error.full_key}=VALUE") from None
    except InterpolationResolutionError as error:
        raise BadInput(f"{error.full_key}: {first_line(error)}") from None
    except ValidationError as error:
        value = OmegaConf.select(config, str(error.full_key))
        if isinstance(value, float) and value.is_integer():
            whole = copy.deepcopy(config)
            OmegaConf.update(whole, str(error.full_key), int(value))
            return read(whole, schema)
        raise BadInput(f"{error.full_key}: {first_line(error)}") from None
    except OmegaConfBaseException as error:
        raise BadInput(f"{error.full_key or 'configuration'}: {first_line(error)}") from None


def keys(schema: type, prefix: str = "") -> list[str]:
    """Dotted names of all keys of ``schema``, groups included."""
    hints = get_type_hints(schema)
    names = []
    for each in fields(schema):
        names.append(prefix + each.name)
        if is_dataclass(hints[each.name]):
            names += keys(hints[each.name], f"{prefix}{each.name}.")
    return names


def unknown_key(key: str, known: Iterable[str]) -> str:
    """One line for a key that nothing reads."""
    return f"{key}: no such key{nearest(key, known)}; --cfg job shows all keys"
