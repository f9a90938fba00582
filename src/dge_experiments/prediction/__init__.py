"""A new table scored by a model."""
