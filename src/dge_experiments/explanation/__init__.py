"""Which statistics carry the decision: importance, PCA. Frames out."""
