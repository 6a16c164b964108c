"""The API of village money."""
