"""One HTML page that opens with no network: text, tables and figures, plotly.js inside once."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go
import plotly.io
from jinja2 import Environment, PackageLoader
from markupsafe import Markup
from plotly.offline import get_plotlyjs


@dataclass(frozen=True)
class Section:
    """A figure or a table under a title, with one line on how to read it."""

    title: str
    reading: str
    content: go.Figure | pd.DataFrame


def page(title: str, lead: Sequence[str], sections: Sequence[Section]) -> str:
    """The page as HTML; every text is escaped."""
    template = Environment(loader=PackageLoader("dge_experiments", "report"), autoescape=True).get_template(
        "page.html"
    )
    parts = [(s.title, s.reading, _html(f"figure-{k}", s.content)) for k, s in enumerate(sections)]
    return template.render(title=title, lead=lead, parts=parts, plotly=Markup(get_plotlyjs()))


def _html(identifier: str, content: go.Figure | pd.DataFrame) -> Markup:
    if isinstance(content, pd.DataFrame):
        return Markup(
            content.to_html(index=content.index.name is not None, border=0, float_format="{:.4g}".format)
        )
    return Markup(
        plotly.io.to_html(
            content,
            include_plotlyjs=False,
            full_html=False,
            div_id=identifier,
            config={"responsive": True, "displaylogo": False},
        )
    )
