"""The tables that come with the package."""

from pathlib import Path

from dge_experiments.errors import BadInput, without_password

FOLDER = Path(__file__).parent
MARK = "bundled:"
RENAMED = {  # names of version 0.1.0, which commands kept in stores still use
    "all_bcrabl": "all_leukemia",
    "all_bcrabl_discovery": "all_discovery",
    "all_bcrabl_replication": "all_replication",
}


def resolve(path: str | Path) -> Path:
    """The file that ``path`` names: ``bundled:NAME`` is a bundled table, anything else a path, ``~`` the home folder.

    Raises
    ------
    BadInput
        no such bundled table, or an address on a network
    """
    text = str(path)
    if "://" in text:
        raise BadInput(f"{without_password(text)}: tables are read from files; download it first")
    return file(text.removeprefix(MARK)) if text.startswith(MARK) else Path(path).expanduser()


def file(name: str) -> Path:
    """File of the bundled table ``name`` (provenance and licence: ``bundled/README.md``).

    Raises
    ------
    BadInput
        no such table
    """
    path = FOLDER / f"{RENAMED.get(name, name)}.csv.gz"
    if not path.is_file():
        available = ", ".join(sorted(f.name.removesuffix(".csv.gz") for f in FOLDER.glob("*.csv.gz")))
        raise BadInput(f"{MARK}{name}: no such bundled table; there are {available}")
    return path
