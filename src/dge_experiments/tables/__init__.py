"""Read any published differential expression table into limma's canonical columns."""

from dge_experiments.tables.reader import read
from dge_experiments.tables.table import CANONICAL, Finding, Table

__all__ = ["CANONICAL", "Finding", "Table", "read"]
