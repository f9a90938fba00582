"""Find conf/ and the user's own conf/; list the choices of its groups; suggest a key for an unknown one."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import yaml
from hydra.core.hydra_config import HydraConfig

from dge_experiments.errors import listed, nearest


def conf_folder() -> Path:
    """conf/: inside the package if it was installed from a wheel, else in the checkout."""
    packaged = Path(__file__).parents[1] / "conf"
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "conf"


def own_folder(overrides: Sequence[str]) -> Path | None:
    """The user's own conf/ that is used without ``--config-dir``: in the working directory or that of ``data.path``.

    It holds choices of our groups, and no ``config.yaml``: that would be the full configuration of another program. In
    the directory of the data it has no ``local`` either, because a downloaded table must not set keys by itself.
    """
    paths = [
        value for key, _, value in (override.partition("=") for override in overrides) if key == "data.path"
    ]
    files = [path.strip("'\"") for value in paths for path in value.split(",")]
    for file in ["", *files]:
        with suppress(OSError, RuntimeError):  # no such folder: the reader reports it
            folder = Path(file).expanduser().parent / "conf"
            foreign = ["config.yaml"] if folder == Path("conf") else ["config.yaml", "local"]
            if not any((folder / name).exists() for name in foreign) and any(_choices_in(folder)):
                return folder
    return None


def own_folders() -> list[Path]:
    """The user's own folders that the composed configuration comes from; before Hydra starts, the one it would use."""
    if not HydraConfig.initialized():
        return list(filter(None, [own_folder([])]))
    sources = HydraConfig.get().runtime.config_sources
    return [Path(source.path) for source in sources if source.provider == "command-line"]


def shown_path(folder: Path) -> str:
    """The path of a folder: relative if it lies in the working directory."""
    working = Path.cwd()
    return str(folder.relative_to(working) if folder.is_relative_to(working) else folder)


def choices_line(folder: Path) -> str:
    """One line about the user's own folder, with its choices that a choice of the package with the same name hides."""
    hidden = [name for name in _choices_in(folder) if (conf_folder() / name).is_file()]
    unread = f" (not {listed(hidden)}: the package's own is read; give it another name)" if hidden else ""
    return f"choices of your own from {shown_path(folder)}{unread}"


def options(group: str) -> list[str]:
    """The choices of a group, such as ``model``: of conf/ and of the user's own folder."""
    folders = [conf_folder(), *own_folders()]
    return sorted({file.stem for folder in folders for file in (folder / group).glob("[!_]*.yaml")})


def no_such_key(key: str, known: Collection[str]) -> str:
    """One line for an unknown key: the choice that has it, or the key that may be meant."""
    group, _, rest = key.partition(".")
    name = rest.partition(".")[0]
    owners = (
        [choice for choice in options(group) if name in _content(group, choice)] if group in known else []
    )
    if owners:
        return (
            f"{key}: belongs to {listed([f'{group}={o}' for o in owners])}; add {group}={owners[0]} to use it"
        )
    model_keys = [other.removeprefix("model.") for other in known if other.startswith("model.")]
    if group == "model" and model_keys and not nearest(name, model_keys):
        return f"{key}: no such key; a parameter of the estimator is +model.estimator.{name}=VALUE"
    return f"{key}: no such key{_instead(key, known)}; --cfg job shows all keys".replace("?;", "?")


def _instead(key: str, known: Collection[str]) -> str:
    """Suggest a key of the same name in another group, else one of similar spelling, else list the top keys."""
    name = key.rpartition(".")[2]
    same_name = [other for other in known if other.rpartition(".")[2] == name and other != key]
    if same_name:
        return f", did you mean {' or '.join(same_name[:3])}?"
    top = [other for other in known if "." not in other]
    return nearest(key, [other for other in known if other != key]) or f" (there are {', '.join(top)})"


def _content(group: str, choice: str) -> dict[str, object]:
    file = conf_folder() / group / f"{choice}.yaml"
    return dict(yaml.safe_load(file.read_text(encoding="utf-8")) or {}) if file.is_file() else {}


def _choices_in(folder: Path) -> Iterator[str]:
    """The files of a folder that are choices of our groups: ``model/boosting.yaml``."""
    groups = sorted(
        path.name for path in conf_folder().iterdir() if path.is_dir() and path.name != "dialects"
    )
    for group in [*groups, "local"]:
        yield from (f"{group}/{file.name}" for file in sorted((folder / group).glob("*.yaml")))
