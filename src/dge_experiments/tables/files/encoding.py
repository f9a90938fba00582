"""The encoding of a text file: by its byte-order mark, ASCII, UTF-8, or the code page that fits its bytes."""

import codecs
import re
from collections.abc import Iterable
from pathlib import Path

from charset_normalizer import from_bytes

from dge_experiments.errors import BadInput

EAST_ASIAN = {  # code page -> its letters; the lead bytes of the common ones
    "cp932": (r"[\u3040-\u30ff\u4e00-\u9fff\uff01-\uff5e々、。・ー]", (0x81, 0x97)),
    "euc_jp": (r"[\u3040-\u30ff\u4e00-\u9fff\uff01-\uff5e々、。・ー]", (0xA1, 0xCF)),
    "euc_kr": (r"[\uac00-\ud7a3]", (0xB0, 0xC8)),
    "gb18030": (r"[\u4e00-\u9fff\uff01-\uff5e、。《》]", (0xA1, 0xD7)),
    "big5": (r"[\u4e00-\u9fff\uff01-\uff5e、。]", (0xA1, 0xC6)),
}
TRIED = ("utf-8", *EAST_ASIAN, "cp1251", "koi8_r", "cp1253", "cp1252")
WORD = re.compile(rb"[A-Za-z\x80-\xff]*[\x80-\xff][A-Za-z\x80-\xff]*")
RUN = re.compile(rb"[\x80-\xff]+")
CONTROLS = re.compile(rb"[\x80-\x9f]")  # control characters in Latin-1, dashes and quotes in cp1252
MOST = 0.8
KOREAN = 5  # letters, all with lead bytes that only Korean is confined to


def unicode(file: Path, start: bytes, chunks: Iterable[bytes]) -> str | None:
    """``utf-16``, ``utf-16-le``, ``utf-16-be``, ``ascii``, ``utf-8`` or ``utf-8-sig``; None if it is none of them.

    ``chunks`` are pieces of the content, ``start`` its beginning.

    Raises
    ------
    BadInput
        NUL bytes that are not UTF-16, or bytes that are not UTF-8 after its byte-order mark
    """
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    even, odd = start[0:4096:2].count(0), start[1:4096:2].count(0)
    if max(even, odd) > 0.4 * len(start[:4096:2]):
        return "utf-16-le" if odd > even else "utf-16-be"
    if 0 in start:
        raise BadInput(f"{file}: not a DGE table, but a binary file: a table as CSV, TSV or XLSX is needed")
    marked = start.startswith(codecs.BOM_UTF8)
    name, decoder = "ascii", codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in chunks:
            if name == "ascii" and chunk.isascii():
                continue
            name = "utf-8"
            decoder.decode(chunk)
    except UnicodeDecodeError:
        if marked:
            raise BadInput(f"{file}: begins as UTF-8 but holds other bytes; save it as UTF-8") from None
        return None
    return "utf-8-sig" if marked else name


def code_page(file: Path, content: bytes) -> str:
    """The code page of a text that is not UTF-8.

    Western words are ASCII letters with single high bytes between them: ``latin-1``, or ``cp1252`` where there are
    bytes that are control characters in Latin-1. Words of high bytes are Chinese, Japanese or Korean if decoding
    gives common letters of these languages, else Cyrillic or Greek, as charset-normalizer says.

    Raises
    ------
    BadInput
        none of the encodings fits the bytes
    """
    text = b"\n".join([line for line in content.splitlines() if not line.isascii()][:2000])
    if _western(text):
        return _windows(file, text)
    page = _east_asian(text)
    if page is None and (best := from_bytes(text, cp_isolation=["cp1251", "cp1253"], threshold=0.6).best()):
        swapped = re.search("\\b[а-я][А-Я]+\\b", text.decode("cp1251", "replace"))
        page = "koi8_r" if best.encoding == "cp1251" and swapped else best.encoding
    return page or _windows(file, text)


def _western(text: bytes) -> bool:
    """Whether high bytes are single or among more ASCII letters; False if they are pairs of Shift-JIS."""
    runs = RUN.findall(text)
    in_words = sum(map(len, WORD.findall(text)))
    mostly_single = sum(len(run) == 1 for run in runs) >= MOST * len(runs)
    if not mostly_single and sum(map(len, runs)) > in_words / 2:
        return False
    try:
        shifted = CONTROLS.search(text) and re.search(EAST_ASIAN["cp932"][0] + "{2}", text.decode("cp932"))
    except UnicodeDecodeError:
        shifted = None
    return not shifted


def _east_asian(text: bytes) -> str | None:
    """The code page that makes nearly all high bytes common letters of its language."""
    scores: dict[str, tuple[bool, bool, float]] = {}
    for name, (letter, (low, high)) in EAST_ASIAN.items():
        try:
            letters = [c for c in text.decode(name) if not c.isascii()]
        except UnicodeDecodeError:
            continue
        fitting = [c for c in letters if re.fullmatch(letter, c)]
        common = sum(low <= c.encode(name)[0] <= high for c in fitting) / max(1, len(letters))
        kana = any("\u3041" <= c <= "\u30ff" for c in fitting)
        korean = name == "euc_kr" and common == 1 and len(letters) >= KOREAN
        if common >= MOST and (korean or name != "euc_kr"):
            scores[name] = kana and name in ("cp932", "euc_jp"), korean, common
    high_bytes = b"".join(RUN.findall(text))
    if sum(0xC0 <= byte <= 0xDF for byte in high_bytes) >= MOST * len(high_bytes):
        return None  # Cyrillic capitals, or KOI8-R's small letters
    return max(scores, key=lambda name: scores[name], default=None)


def _windows(file: Path, text: bytes) -> str:
    if not CONTROLS.search(text):
        return "latin-1"
    try:
        text.decode("cp1252")
    except UnicodeDecodeError:
        raise BadInput(
            f"{file}: its text is in none of the encodings tried ({', '.join(TRIED)}); "
            "say which with data.encoding=NAME, or save it as UTF-8"
        ) from None
    return "cp1252"
