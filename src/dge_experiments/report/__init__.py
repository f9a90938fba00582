"""What a person reads: figures, pages, the wording of verdicts."""
