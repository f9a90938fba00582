"""A classification tree that is grown best split first, so that its first splits are the smaller trees."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeClassifier

from dge_experiments.problem.leak.score import Codes


@dataclass(frozen=True)
class GrownTree:
    """One fit that predicts for every number of leaves up to its own, as fits with fewer leaves would.

    scikit-learn numbers the nodes in the order of their creation, so that the tree of ``n`` leaves is the
    first ``2 n - 1`` nodes.
    """

    fitted: DecisionTreeClassifier

    def answers(self, X: NDArray[np.float32], leaves: int) -> Codes:
        """Class codes of the rows of `X` by the tree of at most `leaves` leaves."""
        tree, nodes = self.fitted.tree_, 2 * leaves - 1
        end = np.arange(tree.node_count)
        for node in np.flatnonzero(tree.feature >= 0):
            for child in (tree.children_left[node], tree.children_right[node]):
                end[child] = child if child < nodes else end[node]
        classes = self.fitted.classes_[tree.value[:, 0].argmax(axis=1)]
        return np.asarray(classes[end[tree.apply(X)]], dtype=np.int64)

    def splits(self, leaves: int) -> NDArray[np.intp]:
        """Nodes at which the tree of at most `leaves` leaves splits."""
        tree = self.fitted.tree_
        return np.flatnonzero((tree.feature >= 0) & (tree.children_right < 2 * leaves - 1))


def grow(X: NDArray[np.float32], y: Codes, leaves: int) -> GrownTree:
    """Fit a tree of at most `leaves` leaves, classes weighted equally."""
    tree = DecisionTreeClassifier(max_leaf_nodes=leaves, class_weight="balanced", random_state=0)
    return GrownTree(tree.fit(X, y))


def ordered(x: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """The distinct values, and the rank of each value among them: the 32 bits of a tree distinguish the ranks."""
    values, places = np.unique(x, return_inverse=True)
    return values, places.astype(np.float32)
