"""What a command's ``--help`` says, read from its file in conf/: usage, the choices of each group, the keys."""

import re

from dge_experiments.settings.conf import conf_folder, options

FLAGS = """\
  -m, --multirun   one run for each combination of comma-separated choices: -m model=svm,xgboost
  --cfg job        show every key with its value, and run nothing
"""


def usage(config: str) -> str:
    """The help of the command whose configuration is ``conf/<config>.yaml``; its comments explain the keys."""
    first, _, rest = (conf_folder() / f"{config}.yaml").read_text(encoding="utf-8").partition("\n")
    defaults, _, keys = rest.partition("\n\n")
    groups = re.findall(r"^  - (\w+): (\w+)$", defaults, re.MULTILINE)
    lines = [f"  {group:<13}{_choices(group, default)}" for group, default in groups]
    return "\n".join(
        [
            f"usage: {first.lstrip('# ')}\n",
            "Groups, GROUP=CHOICE (the default is in brackets):",
            *lines,
            "\nKeys, KEY=VALUE:",
            *(f"  {line}" for line in keys.partition("\nhydra:")[0].strip().splitlines()),
            f"\nFlags:\n{FLAGS}",
        ]
    )


def _choices(group: str, default: str) -> str:
    return "  ".join(f"[{name}]" if name == default else name for name in options(group))
