"""conf/ found, and a person's own beside it; the choices of its groups, and what to type instead of a key that there
is not."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import yaml
from hydra.core.hydra_config import HydraConfig

from dge_experiments.errors import listed, nearest


def conf_folder() -> Path:
    """conf/: the package's own where it was installed from a wheel, else the checkout's."""
    packaged = Path(__file__).parents[1] / "conf"
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "conf"


def own_folder(overrides: Sequence[str]) -> Path | None:
    """A person's own conf/, which is used though no ``--config-dir`` names it: that of the working directory, or one
    beside ``data.path``.

    It holds choices of our groups and no ``config.yaml``, as the whole configuration of a program does. What came with
    a table never sets keys unasked: beside the data it has no ``local``.
    """
    paths = [value for key, _, value in (each.partition("=") for each in overrides) if key == "data.path"]
    files = [path.strip("'\"") for value in paths for path in value.split(",")]
    for file in ["", *files]:
        with suppress(OSError, RuntimeError):  # no such place: the reader says so
            folder = Path(file).expanduser().parent / "conf"
            others = ["config.yaml"] if folder == Path("conf") else ["config.yaml", "local"]
            if not any((folder / name).exists() for name in others) and any(_choices_in(folder)):
                return folder
    return None


def own_folders() -> list[Path]:
    """The folders of a person's own that the composed configuration comes from; without one, what is used here."""
    if not HydraConfig.initialized():
        return list(filter(None, [own_folder([])]))
    sources = HydraConfig.get().runtime.config_sources
    return [Path(source.path) for source in sources if source.provider == "command-line"]


def named(folder: Path) -> str:
    """A folder as it may be typed here: by its way from the working directory where it is in it."""
    here = Path.cwd()
    return str(folder.relative_to(here) if folder.is_relative_to(here) else folder)


def told(folder: Path) -> str:
    """A person's own folder in a line, with those of its choices that the package's own of that name hide."""
    hidden = [name for name in _choices_in(folder) if (conf_folder() / name).is_file()]
    unread = f" (not {listed(hidden)}: the package's own is read; give it another name)" if hidden else ""
    return f"choices of your own from {named(folder)}{unread}"


def options(group: str) -> list[str]:
    """The choices of a group, such as ``model``: of conf/, and of a person's own folder."""
    folders = [conf_folder(), *own_folders()]
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
    own = [each.removeprefix("model.") for each in known if each.startswith("model.")]
    if group == "model" and own and not nearest(name, own):
        return f"{key}: no such key; a parameter of the estimator is +model.estimator.{name}=VALUE"
    return f"{key}: no such key{_instead(key, known)}; --cfg job shows all keys".replace("?;", "?")


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


def _choices_in(folder: Path) -> Iterator[str]:
    """The files of a folder that are choices of our groups: ``model/boosting.yaml``."""
    groups = sorted(
        each.name for each in conf_folder().iterdir() if each.is_dir() and each.name != "dialects"
    )
    for group in [*groups, "local"]:
        yield from (f"{group}/{file.name}" for file in sorted((folder / group).glob("*.yaml")))
