"""The leak audit: which features give the label away, found before any model is trained."""

from dge_experiments.problem.leak.tiers import Audit, audit, listed

__all__ = ["Audit", "audit", "listed"]
