"""The secretary's pages: with network (``pages``), and what keeps them usable without (``offline``)."""
