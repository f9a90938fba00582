"""All explanations of one experiment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from dge_experiments.errors import BadInput, nearest
from dge_experiments.explanation.agreement import Agreement, agreement
from dge_experiments.explanation.method import Found, Method, NotPossible, Subject
from dge_experiments.explanation.methods import methods


@dataclass(frozen=True)
class Explanation:
    """Attributes
    ----------
    found : name of the method -> what it found, in the order of the report
    skipped : name of the method -> why it was asked for and is not possible
    agreement : of the methods that rate the features, two or more
    sample : which genes the methods that fit many models look at, where these are not all; else ""
    """

    found: Mapping[str, Any]
    skipped: Mapping[str, str]
    agreement: Agreement | None
    sample: str

    def get(self, method: Method[Found]) -> Found | None:
        """What ``method`` found; None where it was not asked for, does not apply or is not possible."""
        found: Found | None = self.found.get(method.name)
        return found

    def with_found(self, method: Method[Found], found: Found) -> "Explanation":
        """The same with another finding of ``method``."""
        return replace(self, found={**self.found, method.name: found})


def check(asked: Sequence[str]) -> None:
    """Raise BadInput where ``asked`` names a method that does not exist."""
    known = [method.name for method in methods() if not method.always]
    for name in asked:
        if name not in known:
            raise BadInput(
                f"explanation.methods: no method {name!r}{nearest(name, known)} (there are {', '.join(known)})"
            )


def explain(subject: Subject, asked: Sequence[str], groups: Sequence[Sequence[str]] = ()) -> Explanation:
    """Explain ``subject`` by the methods that always run and those ``asked`` for.

    ``groups`` : groups of features that are functions of each other.
    """
    found: dict[str, Any] = {}
    skipped: dict[str, str] = {}
    importance: dict[str, pd.Series] = {}
    for method in methods():
        if not method.always and method.name not in asked:
            continue
        try:
            result = method.run(subject)
        except NotPossible as error:
            skipped[method.name] = str(error)
            continue
        if result is not None:
            found[method.name] = result
            importance.update(method.importance(result))
    seen, genes = len(subject.sample), len(subject.y)
    return Explanation(
        found,
        skipped,
        agreement(importance, groups) if len(importance) > 1 else None,
        "" if seen == genes else f"a stratified sample of {seen:,} of the {genes:,} genes",
    )
