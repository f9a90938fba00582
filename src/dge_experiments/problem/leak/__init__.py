"""The leak audit: which features give the label away, found before any model is trained."""

from dge_experiments.problem.leak.finding import Audit, listed
from dge_experiments.problem.leak.shared import Shared, shared_rows
from dge_experiments.problem.leak.tiers import audit
from dge_experiments.problem.leak.verdict import verdict

__all__ = ["Audit", "Shared", "audit", "listed", "shared_rows", "verdict"]
