"""What an experiment found, from the search to the explanation."""

from collections.abc import Mapping
from dataclasses import dataclass

from dge_experiments.evaluation.assessment import Assessment
from dge_experiments.evaluation.bias_corrected import BiasCorrected
from dge_experiments.evaluation.gain import Gain
from dge_experiments.evaluation.held_out import HeldOut
from dge_experiments.evaluation.nested import Nested
from dge_experiments.evaluation.permutation import Null
from dge_experiments.evaluation.rankings import Ranked
from dge_experiments.experiment.plan import Plan
from dge_experiments.explanation.diagnostics import Diagnostics
from dge_experiments.explanation.explain import Explanation
from dge_experiments.prediction.decision import Bounds
from dge_experiments.problem.problem import AS_GIVEN, HONEST
from dge_experiments.search.engine import Trial
from dge_experiments.search.study import Study
from dge_experiments.settings import Settings


@dataclass(frozen=True)
class Result:
    """Attributes
    ----------
    plan, settings : what was run
    studies : every trial of the search of each reading: "as given", and "honest" without the label sources, where
        there are some and something is left; with ``leak.search=same`` the honest one has the best candidate alone
    readings : the best pipeline of each, refitted and scored
    corrected : the cross-validated score of each reading, corrected for the selection of the best candidate, where it
        can be computed
    baseline_cv : the constant answer's trial on ``split.cv_folds``
    rankings : for a question about replication, scores of single statistics on the same folds and genes
    gain : on the held-out genes, of the model over the ranking that is best on the folds; None where the model is a
        ranking itself
    bounds : for a question about replication, the share of held-out genes that replicated, by probability
    external : name of each further table -> scores on it
    nested, null : the whole search in outer folds, and under shuffled labels, where the settings say so
    explanation : which statistics carry the decision
    diagnostics : of the search; None where it had nothing to choose from
    """

    settings: Settings
    plan: Plan
    studies: Mapping[str, Study]
    readings: Mapping[str, Assessment]
    corrected: Mapping[str, BiasCorrected]
    baseline_cv: Trial
    rankings: tuple[Ranked, ...]
    gain: Gain | None
    bounds: Bounds | None
    external: Mapping[str, HeldOut]
    nested: Nested | None
    null: Null | None
    explanation: Explanation
    diagnostics: Diagnostics | None

    @property
    def study(self) -> Study:
        """The search with all features."""
        return self.studies[AS_GIVEN]

    @property
    def own_search(self) -> Study | None:
        """The honest reading's search, where it was searched separately."""
        study = self.studies.get(HONEST)
        return study if study is not None and study.planned > 1 else None

    @property
    def given(self) -> Assessment:
        """The reading with all features."""
        return self.readings[AS_GIVEN]

    @property
    def earned(self) -> Assessment:
        """The honest reading where there is one, else as given."""
        return self.readings.get(HONEST, self.given)

    @property
    def tests(self) -> dict[str, HeldOut]:
        """Held-out scores of each reading."""
        return {reading: assessed.test for reading, assessed in self.readings.items()}
