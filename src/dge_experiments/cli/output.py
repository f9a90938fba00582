"""Where a command's answer goes: the terminal, a file in the format of its ending, a folder in every format."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path

from dge_experiments.errors import BadInput, escaped

FOLDER_ENDS = ("/", "\\")
LAYOUT = "\r\n\t"


def is_folder(out: str) -> bool:
    """Whether ``out`` names a folder: one that is there, or with a slash at its end."""
    return out.endswith(FOLDER_ENDS) or Path(out).is_dir()


def files(
    given: StrEnum | None, out: str | None, formats: Sequence[StrEnum], name: str
) -> dict[StrEnum, Path | None]:
    """Format -> file, None for the terminal; of ``formats`` the first is for the terminal alone.

    Without a format that was ``given`` it is that of the file's ending; a folder has ``name`` in each.

    Raises
    ------
    BadInput
        a file whose ending is no format, a file for what the terminal shows
    """
    screen, *written = formats
    if out is None:
        return {given or screen: None}
    if given == screen:
        raise BadInput(f"out={out}: a {screen} is for the terminal; use format={', '.join(written)}")
    if is_folder(out):
        return {form: Path(out) / f"{name}.{form}" for form in ([given] if given else written)}
    ending = Path(out).suffix.lower().removeprefix(".")
    if given is None and ending not in written:
        endings = ", ".join(f".{form}" for form in written)
        raise BadInput(
            f"out={out}: what format is that? Use an ending {endings}, a folder FOLDER/, or format={written[0]}"
        )
    return {given or next(form for form in written if form == ending): Path(out)}


def give(
    answer: Callable[[StrEnum], str], places: Mapping[StrEnum, Path | None], given: StrEnum | None
) -> None:
    """The answer in each format, to the terminal or to its file; which files there are is said, with ``format=json`` as
    one object.

    Raises
    ------
    BadInput
        a file that cannot be written
    """
    for form, file in places.items():
        if file is None:
            sys.stdout.write(f"{escaped(answer(form), keep=LAYOUT).rstrip()}\n")
        else:
            _write(answer(form), file)
    written = [str(file.resolve()) for file in places.values() if file is not None]
    if not written:
        return
    if given == "json":
        print(json.dumps({"out": written}))
        return
    from dge_experiments.cli import console

    for name in written:
        console.tell(out=name)


def _write(text: str, file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"out={file}: cannot be written ({error.strerror})") from None
