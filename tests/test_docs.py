"""The documentation: every command in it can be typed, every page is in the site, every key and code is explained."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
import yaml
from hydra import compose, initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser

import pages
import reference
from dge_experiments.cli.command import COMMANDS
from dge_experiments.errors import BadInput
from dge_experiments.problem.leak.finding import Tier
from dge_experiments.settings import Settings, conf_folder, read, walk
from dge_experiments.settings.commands import Comparing, Inspection, Predicting, Registration
from given import REPOSITORY, settings

PAGES = sorted(REPOSITORY.glob("docs/*.md"))
WRITTEN = [
    REPOSITORY / "README.md",
    REPOSITORY / "CONTRIBUTING.md",
    REPOSITORY / "benchmarks/README.md",
    *PAGES,
]
SCHEMAS = {
    "run": Settings,
    "inspect": Inspection,
    "compare": Comparing,
    "register": Registration,
    "predict": Predicting,
}
CODE = re.compile(r"^```[a-z]*\n(.*?)^```|^( {4}.*?)$|`([^`\n]+)`", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"(?:python -m dge_experiments|dge-experiments)(?= |$)([^|&;]*)")


def commands() -> Iterator[tuple[str, str]]:
    """File and arguments of every command of ours in the documentation."""
    for file in WRITTEN:
        for parts in CODE.findall(file.read_text(encoding="utf-8")):
            for line in "".join(parts).replace("\\\n", " ").splitlines():
                inner = re.sub(r'"\$\((.*?)\)"', r"\1", line)  # eval "$(...)"
                for arguments in COMMAND.findall(inner):
                    yield file.name, arguments.strip()


@pytest.mark.parametrize(("file", "line"), sorted(set(commands())))
def test_every_command_can_be_typed(file: str, line: str) -> None:
    words = shlex.split(line, comments=True)
    command = words.pop(0) if words and words[0] in COMMANDS else "run"
    if command not in SCHEMAS or {"-sc", "--help", "--config-dir"} & set(words):
        return
    overrides = [word for word in words if not word.startswith(("-", "hydra"))]
    for override in overrides:
        assert "=" in override, f"{override}: neither a command nor KEY=VALUE"
    parsed = [OverridesParser.create().parse_override(override) for override in overrides]
    chosen = [
        f"{each.key_or_group}={next(each.sweep_string_iterator())}"
        for each in parsed
        if each.is_sweep_override()
    ]
    fixed = [each.input_line for each in parsed if not each.is_sweep_override()]
    given = [*fixed, *chosen, *(["sweep_id=test"] if command == "run" else [])]
    with initialize_config_dir(str(conf_folder()), version_base="1.3"):
        read(compose("config" if command == "run" else command, given), SCHEMAS[command])


def test_there_are_commands_to_type() -> None:
    assert len(list(commands())) > 30


def test_every_page_is_in_the_site_and_every_entry_is_a_page() -> None:
    def files(node: object) -> Iterator[str]:
        if isinstance(node, str):
            yield node
        for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else []:
            yield from files(each)

    nav = list(files(yaml.safe_load((REPOSITORY / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]))
    made = {name for name in pages.PAGES if name.endswith(".md")}
    assert len(nav) == len(set(nav))
    assert set(nav) == made | {file.name for file in PAGES}


@pytest.mark.parametrize("file", WRITTEN, ids=lambda file: file.name)
def test_every_link_leads_to_a_file(file: Path) -> None:
    text = re.sub(r"`[^`]*`", "", file.read_text(encoding="utf-8"))
    for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        made = file.parent.name == "docs" and link in pages.PAGES
        assert made or link.startswith("http") or (file.parent / link).exists(), link


@pytest.mark.parametrize(
    ("command", "schema"), [("config", Settings), *[(n, s) for n, s in SCHEMAS.items() if n != "run"]]
)
def test_every_setting_is_on_its_page_with_all_that_is_to_know(command: str, schema: type) -> None:
    page = reference.page()
    for field in walk(schema):
        if field.nested or field.key.startswith(reference.AS_DATA):
            continue
        (row, *_) = [line for line in page.splitlines() if line.startswith(f"| `{field.key}` |")] or [""]
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]]
        assert len(cells) == 4 and all(cells), f"{field.key}: {row or 'not on the page'}"


def test_what_the_page_says_is_what_the_settings_do() -> None:
    rows = {row.key: row for row in reference.settings("config", Settings, {"split", "search", "target"})}
    assert rows["split.folds"].default == f"`{settings().split.folds}`"
    assert rows["search.n_trials"].default == "`20`; `null` (`grid`, `none`)"
    assert settings("search=grid").search.n_trials is None
    assert rows["target.calibration"].default == "`none`; `auto` (`replication`)"
    with pytest.raises(BadInput) as refused:
        settings("split.folds=1")
    assert rows["split.folds"].allowed.partition(": ")[2] in str(refused.value)


def test_every_leak_tier_says_what_it_means_and_what_to_do() -> None:
    page = (REPOSITORY / "docs" / "leaks.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    assert set(get_args(Tier)) == {name for name in sections if "_" in name or name in get_args(Tier)}
    assert all("What to do: " in sections[tier] for tier in get_args(Tier))


def test_every_public_name_is_in_the_reference() -> None:
    import dge_experiments as dge

    page = pages.PAGES["api.md"]()
    assert set(re.findall(r"^::: dge_experiments\S*\.(\w+)$", page, re.MULTILINE)) == {
        name for name in dge.__all__ if name != "__version__"
    }
    for name in dge.__all__:
        assert getattr(dge, name).__doc__ or name == "__version__", name


def test_a_doi_is_a_link_and_a_formula_is_drawn() -> None:
    text = pages.on_page_markdown("Wilson 1927, doi:10.1080/01621459.1927.10502953.", None, None, None)
    assert text.endswith(
        "[doi:10.1080/01621459.1927.10502953](https://doi.org/10.1080/01621459.1927.10502953)."
    )
    html = pages.on_page_content(r'<span class="arithmatex">\(a &gt; b\)</span>', None, None, None)
    assert html.startswith("<math") and "&#x0003E;" in html and "arithmatex" not in html
