"""The leak audit's finding in plain sentences."""

from dge_experiments.errors import listed
from dge_experiments.problem.leak.finding import Audit, carries
from dge_experiments.problem.leak.score import LEAK

SURE_OF_JOINT = (
    500  # genes from which 95 % of planted leaks are found or graded: benchmarks/methods/leak_audit.py
)


def verdict(found: Audit) -> str:
    """What was found, or what was looked for and what the best single feature reaches."""
    leaks = _leaks(found)
    graded = _graded(found)
    clauses = leaks + graded
    if leaks:
        these, them = ("this feature", "it") if len(found.sources) == 1 else ("these features", "them")
        said = (
            f"{'; '.join(clauses)}: a high score with {these} only repeats the label, "
            f"so trust the honest score, made without {them}"
        )
    elif graded:
        it = "it" if len(found.graded) == 1 else "them"
        said = (
            f"{'; '.join(clauses)}: nearly the answer, though no proof of a leak; "
            f"the honest score is made without {it}"
        )
    else:
        said = (
            f"no label source was found{_best(found)}; looked at: {', '.join(found.searched)}{_missed(found)}"
        )
    said = f"{said}{f' ({found.uncertain})' if found.uncertain else ''}."
    return f"{said[0].upper()}{said[1:]}{_identity(found)}"


def _leaks(found: Audit) -> list[str]:
    tiers = {name: found.tier(name)[0] for name in found.features}
    defining = [name for name, tier in tiers.items() if tier == "defines_label"]
    encoding = [
        name for name, tier in tiers.items() if tier == "encodes_label" and name not in found.stand_ins
    ]
    clauses = [f"the label is computed from {listed(defining)}"] if defining else []
    if encoding:
        clauses.append(
            f"alone, {listed(encoding)} {'gives' if len(encoding) == 1 else 'each give'} the answer away"
        )
    for column in dict.fromkeys(found.stand_ins.values()):
        names = [name for name, of in found.stand_ins.items() if of == column]
        kind = "a stand-in" if len(names) == 1 else "stand-ins"
        clauses.append(f"{kind} for {column}: {listed(names)}")
    together = [one for one in found.combinations if one.low > LEAK]
    return clauses + [f"together, {listed(one.features)} give the answer away" for one in together]


def _graded(found: Audit) -> list[str]:
    clauses = [
        f"alone, {name} {carries(feature.score)}"
        for name, feature in found.features.items()
        if feature.score and found.tier(name)[0] == "carries_label" == feature.tier
    ]
    together = [one for one in found.combinations if one.low <= LEAK]
    return clauses + [
        f"together, {listed(one.features)} {carries(one.score).replace('carries', 'carry')}"
        for one in together
    ]


def _best(found: Audit) -> str:
    scores = {name: feature.score.value for name, feature in found.features.items() if feature.score}
    if not scores:
        return ""
    best = max(scores, key=lambda name: scores[name])
    return f" (the best single feature, {best}, has a balanced accuracy of {scores[best]:.3f})"


def _missed(found: Audit) -> str:
    """That a joint leak may be missed, where there are too few genes to tell most of them from luck."""
    genes = max((int(one.score.size.sum()) for one in found.features.values() if one.score), default=0)
    if found.uncertain or len(found.features) < 2 or not 0 < genes < SURE_OF_JOINT:
        return ""
    return f"; with {genes} genes a leak of two or three features together may be missed"


def _identity(found: Audit) -> str:
    if not found.identity:
        return ""
    clauses = "; ".join(f"{name} alone {carries(score)}" for name, score in found.identity.items())
    return f" {clauses[0].upper()}{clauses[1:]}: no model sees it, but ask how the table was put together."
