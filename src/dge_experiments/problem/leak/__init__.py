"""The leak audit: which features give the label away, found before any model is trained."""

from dge_experiments.problem.leak.finding import Audit
from dge_experiments.problem.leak.shared import Shared, shared_rows
from dge_experiments.problem.leak.tiers import audit
from dge_experiments.problem.leak.verdict import verdict

__all__ = ["Audit", "Shared", "audit", "shared_rows", "verdict"]
