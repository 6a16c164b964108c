"""Forms of the pages of village money."""
