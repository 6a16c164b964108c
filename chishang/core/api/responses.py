"""Answers of the API."""

from typing import Any

from rest_framework.response import Response


class CountedResponse(Response):
    """An answer that says how many rows it hands out: the record of a program's calls keeps it."""

    def __init__(self, data: Any, *, row_count: int, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.row_count = row_count
