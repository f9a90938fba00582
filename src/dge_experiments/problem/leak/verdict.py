"""The result of the leak audit in plain sentences."""

from dge_experiments.errors import listed
from dge_experiments.problem.leak.finding import Audit, carries
from dge_experiments.problem.leak.score import LEAK

# genes from which 95 % of planted leaks are found or graded: benchmarks/methods/leak_audit.py
SURE_OF_JOINT = 500


def verdict(audit: Audit) -> str:
    """The leaks, or what was examined and the score of the best single feature."""
    leaks = _leaks(audit)
    graded = _graded(audit)
    clauses = leaks + graded
    if leaks:
        noun, pronoun = ("this feature", "it") if len(audit.sources) == 1 else ("these features", "them")
        sentence = (
            f"{'; '.join(clauses)}: a high score with {noun} only repeats the label, "
            f"so trust the honest score, made without {pronoun}"
        )
    elif graded:
        pronoun = "it" if len(audit.graded) == 1 else "them"
        sentence = (
            f"{'; '.join(clauses)}: nearly the answer, though no proof of a leak; "
            f"the honest score is made without {pronoun}"
        )
    else:
        sentence = (
            f"no label source was found{_best(audit)}; looked at: {', '.join(audit.searched)}{_missed(audit)}"
        )
    sentence = f"{sentence}{f' ({audit.uncertain})' if audit.uncertain else ''}."
    return f"{sentence[0].upper()}{sentence[1:]}{_identity(audit)}"


def _leaks(audit: Audit) -> list[str]:
    tiers = {name: audit.tier(name)[0] for name in audit.features}
    defining = [name for name, tier in tiers.items() if tier == "defines_label"]
    encoding = [
        name for name, tier in tiers.items() if tier == "encodes_label" and name not in audit.stand_ins
    ]
    clauses = [f"the label is computed from {listed(defining)}"] if defining else []
    if encoding:
        clauses.append(
            f"alone, {listed(encoding)} {'gives' if len(encoding) == 1 else 'each give'} the answer away"
        )
    for column in dict.fromkeys(audit.stand_ins.values()):
        names = [name for name, of in audit.stand_ins.items() if of == column]
        kind = "a stand-in" if len(names) == 1 else "stand-ins"
        clauses.append(f"{kind} for {column}: {listed(names)}")
    together = [combination for combination in audit.combinations if combination.low > LEAK]
    return clauses + [
        f"together, {listed(combination.features)} give the answer away" for combination in together
    ]


def _graded(audit: Audit) -> list[str]:
    clauses = [
        f"alone, {name} {carries(feature.score)}"
        for name, feature in audit.features.items()
        if feature.score and audit.tier(name)[0] == "carries_label" == feature.tier
    ]
    together = [combination for combination in audit.combinations if combination.low <= LEAK]
    return clauses + [
        f"together, {listed(combination.features)} {carries(combination.score).replace('carries', 'carry')}"
        for combination in together
    ]


def _best(audit: Audit) -> str:
    scores = {name: feature.score.value for name, feature in audit.features.items() if feature.score}
    if not scores:
        return ""
    best = max(scores, key=lambda name: scores[name])
    return f" (the best single feature, {best}, has a balanced accuracy of {scores[best]:.3f})"


def _missed(audit: Audit) -> str:
    """A warning that a joint leak may be missed, where there are too few genes to tell most of them from luck."""
    genes = max(
        (int(feature.score.size.sum()) for feature in audit.features.values() if feature.score), default=0
    )
    if audit.uncertain or len(audit.features) < 2 or not 0 < genes < SURE_OF_JOINT:
        return ""
    return f"; with {genes} genes a leak of two or three features together may be missed"


def _identity(audit: Audit) -> str:
    if not audit.identity:
        return ""
    clauses = "; ".join(f"{name} alone {carries(score)}" for name, score in audit.identity.items())
    return f" {clauses[0].upper()}{clauses[1:]}: no model sees it, but ask how the table was put together."
