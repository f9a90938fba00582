"""conf/ found, the choices of its groups, and what to type instead of a key that there is not."""

from collections.abc import Collection
from pathlib import Path

import yaml
from hydra.core.hydra_config import HydraConfig

from dge_experiments.errors import listed, nearest


def conf_folder() -> Path:
    """conf/: the package's own where it was installed from a wheel, else the checkout's."""
    packaged = Path(__file__).parents[1] / "conf"
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "conf"


def options(group: str) -> list[str]:
    """The choices of a group, such as ``model``: of conf/, and of a person's own folder (``--config-dir``)."""
    folders = [conf_folder()]
    if HydraConfig.initialized():
        sources = HydraConfig.get().runtime.config_sources
        folders += [Path(source.path) for source in sources if source.schema == "file"]
    return sorted({file.stem for folder in folders for file in (folder / group).glob("[!_]*.yaml")})


def no_such_key(key: str, known: Collection[str]) -> str:
    """One line for a key that nothing reads: the choice that has it, or the key that may be meant."""
    group, _, rest = key.partition(".")
    name = rest.partition(".")[0]
    owners = (
        [choice for choice in options(group) if name in _content(group, choice)] if group in known else []
    )
    if owners:
        return (
            f"{key}: belongs to {listed([f'{group}={o}' for o in owners])}; add {group}={owners[0]} to use it"
        )
    return f"{key}: no such key{_instead(key, known)}; --cfg job shows all keys"


def _instead(key: str, known: Collection[str]) -> str:
    """A key of that name in a group before one that is spelt alike; without either, the keys that there are."""
    name = key.rpartition(".")[2]
    same = [each for each in known if each.rpartition(".")[2] == name and each != key]
    if same:
        return f", did you mean {' or '.join(same[:3])}?"
    top = [each for each in known if "." not in each]
    return nearest(key, [each for each in known if each != key]) or f" (there are {', '.join(top)})"


def _content(group: str, choice: str) -> dict[str, object]:
    file = conf_folder() / group / f"{choice}.yaml"
    return dict(yaml.safe_load(file.read_text(encoding="utf-8")) or {}) if file.is_file() else {}
