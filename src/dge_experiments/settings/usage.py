"""The ``--help`` of a command, read from its file in conf/: usage, the choices of each group, the keys."""

import re
import textwrap

import yaml

from dge_experiments.settings.conf import conf_folder, options

FLAGS = (
    "-m (a run for each combination of choices with commas: -m model=svm,xgboost), "
    "--cfg job (every key with its value)"
)
EXIT_CODES = (
    "0 done, 1 a fault of this package with its traceback, 2 bad input in one line, 130 Ctrl-C, 143 SIGTERM"
)
PRESETS = "experiment"  # its choices set keys of the other groups


def usage(config: str) -> str:
    """The help of the command whose configuration is ``conf/<config>.yaml``; its comments explain the keys."""
    first, _, body = (conf_folder() / f"{config}.yaml").read_text(encoding="utf-8").partition("\n")
    defaults, _, keys = body.partition("\n\n")
    groups = re.findall(r"^  - (\w+): (\w+)$", defaults, re.MULTILINE)
    lines = [f"  {group:<13}{_choices(group, default)}" for group, default in groups]
    return "\n".join(
        [
            f"usage: {first.lstrip('# ')}",
            "Groups, GROUP=CHOICE (the default is in brackets):",
            *lines,
            "\nKeys, KEY=VALUE:",
            *(f"  {line}" for line in keys.partition("\nhydra:")[0].strip().splitlines()),
            "\nKeys of the groups, GROUP.KEY=VALUE:",
            *(_keys(group) for group, _ in groups if group != PRESETS),
            f"\nFlags: {FLAGS}",
            f"Exit codes: {EXIT_CODES}",
        ]
    )


def _keys(group: str) -> str:
    """The keys that the choices of a group set, in the order of the files."""
    contents = (
        yaml.safe_load(file.read_text(encoding="utf-8"))
        for file in sorted((conf_folder() / group).glob("*.yaml"))
    )
    names = dict.fromkeys(
        name for content in contents for name in content or () if name not in ("defaults", "name")
    )
    listed = ", ".join(name for name in names if "@" not in name)
    return textwrap.fill(listed, 118, initial_indent=f"  {group:<13}", subsequent_indent=" " * 15)


def _choices(group: str, default: str) -> str:
    return "  ".join(f"[{name}]" if name == default else name for name in options(group))
