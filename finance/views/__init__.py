"""Pages of village money."""
