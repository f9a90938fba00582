"""Metrics on folds and on the held-out part, always beside the baseline."""
