"""The OpenAPI description: Chinese titles from the models, and the problems that every address may answer with."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import get_view_model

from chishang.core.api.problems import CONTENT_TYPE, TITLES

UNCHANGED = "与请求头 If-None-Match 里的 ETag 相比没有变化，没有正文"
PROBLEM = {
    "type": "object",
    "description": "出错说明(RFC 9457)",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "description": "错误类别，固定不变，供程序判断"},
        "title": {"type": "string", "description": "错误说明"},
        "status": {"type": "integer", "description": "HTTP 状态码"},
        "detail": {"type": "string", "description": "补充说明"},
        "errors": {
            "type": "object",
            "description": "各字段或参数的错误，如 issues[0].description",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
}


class PortalSchema(AutoSchema):
    """Takes summaries and tags from the model's Chinese name; docstrings are for programmers of the portal."""

    def get_summary(self) -> str | None:
        """Return what the operation does, unless ``extend_schema`` says it."""
        name = self._name()
        summaries = {"list": f"{name}：列表", "retrieve": f"{name}：按编号查一条"}
        return summaries.get(getattr(self.view, "action", "")) if name else None

    def get_tags(self) -> list[str]:
        """Group operations by the model's name."""
        return [self._name() or "其他"]

    def _name(self) -> str:
        model = get_view_model(self.view, emit_warnings=False)
        return str(model._meta.verbose_name) if model else ""


def add_problems(result: dict[str, Any], generator: Any, request: Any, public: Any) -> dict[str, Any]:
    """Add the answers for refused requests to every operation (a postprocessing hook of drf-spectacular)."""
    schemas = result["components"].setdefault("schemas", {})
    schemas["Problem"] = PROBLEM
    if rows := schemas.get("FigureRow"):  # a village also fits the description of an area
        rows["anyOf"] = rows.pop("oneOf")
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            codes = [400, 401, 403, 406, 429]
            codes += [404] if "{" in path or "/report/" in path else []
            codes += [410] if "/changes/" in path else []
            codes += [413, 415, 422] if method == "post" else []
            for code in codes:
                operation["responses"].setdefault(str(code), _problem(code))
            if method == "get":
                operation["responses"]["304"] = {"description": UNCHANGED}
    return result


def _problem(code: int) -> dict[str, Any]:
    content = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": TITLES[code][1], "content": content}
