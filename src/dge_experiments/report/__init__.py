"""Everything that people read: figures, pages, the wording of verdicts."""
