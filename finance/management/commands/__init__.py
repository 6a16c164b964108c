"""Commands of village money."""
