"""The tour, run from its first cell to its last, as a page with what each cell answers."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
from nbclient import NotebookClient

TOUR = Path(__file__).parents[1] / "tour.ipynb"
REPORT = '<iframe src="example/replication.html" title="The report of a run" class="report"></iframe>'


def page() -> str:
    """tour.md, in Markdown with the tables as HTML."""
    tour = nbformat.read(TOUR, as_version=4)
    with TemporaryDirectory() as folder:
        NotebookClient(tour, timeout=600, resources={"metadata": {"path": folder}}).execute()
    return "\n\n".join(part for cell in tour.cells for part in _parts(cell))


def _parts(cell: Any) -> Iterator[str]:
    if cell.cell_type == "markdown":
        yield cell.source
        return
    yield f"```python\n{cell.source}\n```"
    for output in cell.outputs:
        if output.output_type == "stream" and output.name == "stdout":
            yield f"```text\n{output.text.strip()}\n```"
        elif "data" in output:
            yield _shown(output.data)


def _shown(data: Mapping[str, str]) -> str:
    """A frame as a table, a report as the example's, anything else as text."""
    html = data.get("text/html", "")
    if "<iframe" in html:
        return REPORT
    if "<table" in html:
        return f'<div class="output">{html}</div>'
    return f"```text\n{data['text/plain']}\n```"
