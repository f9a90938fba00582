"""Read any published differential expression table into limma's canonical columns."""

from dge_experiments.tables.description import describe
from dge_experiments.tables.reader import read
from dge_experiments.tables.reading import Reading
from dge_experiments.tables.table import CANONICAL, ROLES, Finding, Table

__all__ = ["CANONICAL", "ROLES", "Finding", "Reading", "Table", "describe", "read"]
