"""Where a command writes its answer: the terminal, a file in the format of its ending, a folder in every format."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path

from dge_experiments.errors import BadInput, escaped

FOLDER_ENDS = ("/", "\\")
LAYOUT = "\r\n\t"


def is_folder(out: str) -> bool:
    """Whether ``out`` names a folder: an existing one, or one with a slash at its end."""
    return out.endswith(FOLDER_ENDS) or Path(out).is_dir()


def files(
    requested: StrEnum | None, out: str | None, formats: Sequence[StrEnum], name: str
) -> dict[StrEnum, Path | None]:
    """Format -> file, None for the terminal; the first of ``formats`` is only for the terminal.

    Without a ``requested`` format, the ending of the file decides; a folder gets the file ``name`` in each format.

    Raises
    ------
    BadInput
        a file with an unknown ending, a file for the format of the terminal
    """
    screen, *file_formats = formats
    if out is None:
        return {requested or screen: None}
    if requested == screen:
        raise BadInput(f"out={out}: a {screen} is for the terminal; use format={', '.join(file_formats)}")
    if is_folder(out):
        return {form: Path(out) / f"{name}.{form}" for form in ([requested] if requested else file_formats)}
    ending = Path(out).suffix.lower().removeprefix(".")
    if requested is None and ending not in file_formats:
        endings = ", ".join(f".{form}" for form in file_formats)
        raise BadInput(
            f"out={out}: what format is that? Use an ending {endings}, a folder FOLDER/, or format={file_formats[0]}"
        )
    return {requested or next(form for form in file_formats if form == ending): Path(out)}


def write(
    answer: Callable[[StrEnum], str], places: Mapping[StrEnum, Path | None], requested: StrEnum | None
) -> None:
    """Write the answer in each format, to the terminal or to its file.

    The paths of the files are shown, with ``format=json`` as one object.

    Raises
    ------
    BadInput
        a file that cannot be written
    """
    for form, file in places.items():
        if file is None:
            sys.stdout.write(f"{escaped(answer(form), keep=LAYOUT).rstrip()}\n")
        else:
            _write_file(answer(form), file)
    paths = [str(file.resolve()) for file in places.values() if file is not None]
    if not paths:
        return
    if requested == "json":
        print(json.dumps({"out": paths}))
        return
    from dge_experiments.cli import console

    for name in paths:
        console.tell(out=name)


def _write_file(text: str, file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"out={file}: cannot be written ({error.strerror})") from None
