"""The tables that come with the package."""

from pathlib import Path

from dge_experiments.errors import BadInput

FOLDER = Path(__file__).parent


def path(name: str) -> Path:
    """File of the bundled table ``name`` (provenance and licence: ``bundled/README.md``).

    Raises
    ------
    BadInput
        no such table
    """
    file = FOLDER / f"{name}.csv.gz"
    if not file.is_file():
        known = ", ".join(sorted(f.name.removesuffix(".csv.gz") for f in FOLDER.glob("*.csv.gz")))
        raise BadInput(f"data.bundled={name}: no such bundled table; there are {known}")
    return file
