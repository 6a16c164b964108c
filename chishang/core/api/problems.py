"""Errors as application/problem+json (RFC 9457), with Chinese titles."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

CONTENT_TYPE = "application/problem+json"
TITLES = {
    status.HTTP_400_BAD_REQUEST: ("invalid", "填写有误"),
    status.HTTP_401_UNAUTHORIZED: ("unauthenticated", "请先登录或提供有效的接口密钥"),
    status.HTTP_403_FORBIDDEN: ("forbidden", "没有这项权限"),
    status.HTTP_404_NOT_FOUND: ("not-found", "没有这条记录"),
    status.HTTP_405_METHOD_NOT_ALLOWED: ("method-not-allowed", "该地址不支持这种操作"),
    status.HTTP_406_NOT_ACCEPTABLE: ("not-acceptable", "不支持所要的格式"),
    status.HTTP_409_CONFLICT: ("conflict", "与现有记录冲突"),
    status.HTTP_415_UNSUPPORTED_MEDIA_TYPE: ("unsupported-media-type", "不支持这种内容类型,请用 application/json"),
    status.HTTP_422_UNPROCESSABLE_ENTITY: ("key-reused", "同一编号已用于另一份内容"),
    status.HTTP_429_TOO_MANY_REQUESTS: ("too-many-requests", "请求太多,请稍后再试"),
}


class KeyReused(exceptions.APIException):
    """The operation id was used before with another body."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = "该 op_id 已用于另一份内容。原记录未改动;若是新的走访,请换一个 op_id。"


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn an exception of a view into a problem; None for one that is a fault of ours (500)."""
    response = exception_handler(error, context)
    if response is None:
        return None
    kind, title = TITLES.get(response.status_code, ("error", "请求未完成"))
    problem: dict[str, Any] = {"type": f"urn:chishang:problem:{kind}", "title": title, "status": response.status_code}
    if isinstance(error, exceptions.ValidationError):
        problem["errors"] = response.data
    elif not isinstance(error, Http404 | PermissionDenied | exceptions.NotFound | exceptions.PermissionDenied):
        problem["detail"] = str(getattr(error, "detail", ""))
    response.data = problem
    response.content_type = CONTENT_TYPE
    return response
