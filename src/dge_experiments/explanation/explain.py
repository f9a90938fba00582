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
    found : name of the method -> its result, in the order of the report
    skipped : name of a requested method -> why it is not possible
    agreement : of the methods that rate the features, if there are two or more
    sample : the genes that methods with many fits use, where they do not use all; else ""
    """

    found: Mapping[str, Any]
    skipped: Mapping[str, str]
    agreement: Agreement | None
    sample: str

    def get(self, method: Method[Found]) -> Found | None:
        """What ``method`` found; None where it was not asked for, does not apply or is not possible."""
        result: Found | None = self.found.get(method.name)
        return result

    def with_found(self, method: Method[Found], result: Found) -> "Explanation":
        """The same with another result of ``method``."""
        return replace(self, found={**self.found, method.name: result})


def check(requested: Sequence[str]) -> None:
    """Raise BadInput where ``requested`` names a method that does not exist."""
    available = [method.name for method in methods() if not method.always]
    for name in requested:
        if name not in available:
            raise BadInput(
                f"explanation.methods: no method {name!r}{nearest(name, available)} (there are {', '.join(available)})"
            )


def explain(subject: Subject, requested: Sequence[str], groups: Sequence[Sequence[str]] = ()) -> Explanation:
    """Explain ``subject`` by the methods that always run and those ``requested`` for.

    ``groups`` : groups of features that are functions of each other.
    """
    found: dict[str, Any] = {}
    skipped: dict[str, str] = {}
    importance: dict[str, pd.Series] = {}
    for method in methods():
        if not (method.always or method.name in requested):
            continue
        try:
            result = method.run(subject)
        except NotPossible as error:
            skipped[method.name] = str(error)
            continue
        if result is not None:
            found[method.name] = result
            importance.update(method.importance(result))
    sampled, genes = len(subject.sample), len(subject.y)
    return Explanation(
        found,
        skipped,
        agreement(importance, groups) if len(importance) > 1 else None,
        "" if sampled == genes else f"a stratified sample of {sampled:,} of the {genes:,} genes",
    )
