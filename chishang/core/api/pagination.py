"""Keyset pages: stable while rows come in, and as quick at the end of a list as at its start."""

import base64
import json
from typing import Any

from django.core.signing import BadSignature, Signer
from django.db.models import Q, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.utils.urls import replace_query_param

from chishang.core.api.responses import CountedResponse

DEFAULT_LIMIT, MAX_LIMIT = 100, 1000


class KeysetPagination(BasePagination):
    """Pages by the values of the last row: ``limit`` rows a page, ``cursor`` of the page before, ``ordering``.

    A view names the orderings it allows in ``ordering_fields`` (columns that are never null) and its usual one in
    ``ordering``; the primary key is always the last, so that no two rows are equal.
    """

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """Return one page of ``queryset``; raise ValidationError when limit, ordering or cursor make no sense."""
        self.request = request
        self.limit = read_limit(request)
        self.fields = self._ordering(request, view, queryset)
        self.order = [queryset.model._meta.label_lower, *self.fields]
        queryset = queryset.order_by(*self.fields)
        after = self._after(request)
        if after is not None:
            queryset = queryset.filter(self._beyond(after))
        rows = list(queryset[: self.limit + 1])
        self.more = len(rows) > self.limit
        self.page = rows[: self.limit]
        return self.page

    def get_paginated_response(self, data: list[Any]) -> Response:
        """Return the rows with the address of the next page, in the body and as a Link header."""
        following = self._next_address()
        headers = {"Link": f'<{following}>; rel="next"'} if following else {}
        return CountedResponse({"next": following, "results": data}, row_count=len(data), headers=headers)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe a page for OpenAPI."""
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {
                "next": {"type": ["string", "null"], "format": "uri", "description": "下一页地址，没有则为 null"},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Describe the query parameters for OpenAPI."""
        allowed = [*getattr(view, "ordering_fields", ()), "id"]
        choices = [*allowed, *(f"-{name}" for name in allowed)]
        return [
            _parameter(
                "limit", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}, "每页行数"
            ),
            _parameter("cursor", {"type": "string"}, "上一页给出的游标"),
            _parameter("ordering", {"type": "string", "enum": choices}, "排序，负号为倒序"),
        ]

    def _ordering(self, request: Request, view: Any, queryset: QuerySet[Any]) -> list[str]:
        allowed = {*getattr(view, "ordering_fields", ()), "id"}
        asked = str(request.query_params.get("ordering") or getattr(view, "ordering", "id"))
        if asked.lstrip("-") not in allowed or asked.startswith("--"):
            raise ValidationError({"ordering": f"不能这样排序，可用：{'、'.join(sorted(allowed))}，前加 - 为倒序。"})
        key = str(queryset.model._meta.pk.name)
        first = asked.replace("id", key) if asked.lstrip("-") == "id" else asked
        return [first] if first.lstrip("-") == key else [first, f"-{key}" if first.startswith("-") else key]

    def _after(self, request: Request) -> list[Any] | None:
        text = request.query_params.get("cursor")
        if not text:
            return None
        try:
            order, values = json.loads(base64.urlsafe_b64decode(Signer(salt="keyset").unsign(text)))
        except (BadSignature, ValueError) as error:
            raise ValidationError({"cursor": "游标无效，请从第一页重新读取。"}) from error
        if order != self.order:
            raise ValidationError({"cursor": "游标与排序不符，请从第一页重新读取。"})
        return list(values)

    def _beyond(self, after: list[Any]) -> Q:
        """Return the condition for rows after the given values: (a > x) or (a = x and b > y).

        ``a >= x`` says nothing new, but it lets the database start in an index on (a, b) instead of reading all rows.
        """
        condition, equal = Q(), Q()
        for name, value in zip(self.fields, after, strict=True):
            column, compare = name.lstrip("-"), "lt" if name.startswith("-") else "gt"
            condition |= equal & Q(**{f"{column}__{compare}": value})
            equal &= Q(**{column: value})
        first, compare = self.fields[0].lstrip("-"), "lte" if self.fields[0].startswith("-") else "gte"
        return Q(**{f"{first}__{compare}": after[0]}) & condition

    def _next_address(self) -> str | None:
        if not self.more:
            return None
        last = self.page[-1]
        values = [_value(last, name.lstrip("-")) for name in self.fields]
        packed = json.dumps([self.order, values], cls=JSONEncoder).encode()
        cursor = Signer(salt="keyset").sign(base64.urlsafe_b64encode(packed).decode())
        return replace_query_param(self.request.build_absolute_uri(), "cursor", cursor)


def read_limit(request: Request, default: int = DEFAULT_LIMIT) -> int:
    """Return how many rows a page is to have; raise ValidationError for anything but a number up to MAX_LIMIT."""
    text = request.query_params.get("limit", str(default))
    digits = text if text.isascii() and text.isdigit() and len(text) <= len(str(MAX_LIMIT)) else "0"
    if not 1 <= int(digits) <= MAX_LIMIT:
        raise ValidationError({"limit": f"limit 应为 1 到 {MAX_LIMIT} 的整数。"})
    return int(digits)


def _value(row: Any, path: str) -> Any:
    for name in path.split("__"):
        row = getattr(row, name)
    return row


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}
