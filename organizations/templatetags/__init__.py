"""Template tags of the organizations."""
