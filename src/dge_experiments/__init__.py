"""Honest, fast, tracked machine-learning experiments on differential gene expression tables."""

__version__ = "0.1.0"
