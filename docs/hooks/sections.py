"""A page of its own for every section of a page: one for each finding, one for each leak tier."""

import re
from collections.abc import Iterator
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

DOCS = Path(__file__).parents[1]
KINDS = {"findings": "Finding", "leaks": "Leak tier"}
SECTION = re.compile(r"^## (\w+)$\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^## (\w+)$", re.MULTILINE)
PAGE_LINK = re.compile(r"\]\((?=\w[\w/]*\.md)")
SECTION_LINK = re.compile(r"\]\(#(\w+)\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add a page for each section."""
    for name in KINDS:
        for code, content in sections(name):
            files.append(File.generated(config, f"{name}/{code}.md", content=content))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Make the headings of a page that is divided links to the pages of its sections."""
    name = page.file.name
    return HEADING.sub(rf"## [\1]({name}/\1.md)", markdown) if name in KINDS else markdown


def sections(name: str) -> Iterator[tuple[str, str]]:
    """Code and page of each section of ``docs/<name>.md``."""
    for code, text in SECTION.findall((DOCS / f"{name}.md").read_text(encoding="utf-8")):
        text = SECTION_LINK.sub(r"](\1.md)", PAGE_LINK.sub("](../", text.strip()))
        yield code, f"# {KINDS[name]} `{code}`\n\n{text}\n\nAll of them: [{name}](../{name}.md).\n"
