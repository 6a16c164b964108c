"""Errors as application/problem+json (RFC 9457), with Chinese titles."""

import logging
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.exceptions import ValidationError as DomainError
from django.core.signals import got_request_exception
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

logger = logging.getLogger("django.request")

CONTENT_TYPE = "application/problem+json"
WHOLE = "non_field_errors"
"""Key of the errors that belong to no single field."""
TITLES = {
    status.HTTP_400_BAD_REQUEST: ("invalid", "填写有误"),
    status.HTTP_401_UNAUTHORIZED: ("unauthenticated", "请先登录或提供有效的接口密钥"),
    status.HTTP_403_FORBIDDEN: ("forbidden", "没有这项权限"),
    status.HTTP_404_NOT_FOUND: ("not-found", "没有这条记录"),
    status.HTTP_405_METHOD_NOT_ALLOWED: ("method-not-allowed", "该地址不支持这种操作"),
    status.HTTP_406_NOT_ACCEPTABLE: ("not-acceptable", "不支持所要的格式"),
    status.HTTP_409_CONFLICT: ("conflict", "与现有记录冲突"),
    status.HTTP_410_GONE: ("gone", "游标已失效，请从头重新读取"),
    status.HTTP_413_REQUEST_ENTITY_TOO_LARGE: ("too-large", "内容太大，没有保存"),
    status.HTTP_415_UNSUPPORTED_MEDIA_TYPE: ("unsupported-media-type", "不支持这种内容类型，请用 application/json"),
    status.HTTP_422_UNPROCESSABLE_ENTITY: ("key-reused", "同一编号已用于另一份内容"),
    status.HTTP_429_TOO_MANY_REQUESTS: ("too-many-requests", "请求太多，请稍后再试"),
    status.HTTP_500_INTERNAL_SERVER_ERROR: ("internal", "系统出错，内容没有保存，请稍后再试或告知镇党建办"),
}


class ProblemRenderer(JSONRenderer):
    """JSON under the media type of problems, whatever the client asked the data to be."""

    media_type = CONTENT_TYPE


class KeyReused(exceptions.APIException):
    """The operation id was used before with another body."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = "该 op_id 已用于另一份内容。原记录未改动；若是新的走访，请换一个 op_id。"


class Gone(exceptions.APIException):
    """What a cursor continued is no more: the reader starts from an empty cursor."""

    status_code = status.HTTP_410_GONE
    default_detail = (
        "数据库恢复过、门户换了签名密钥，或账号可见的范围变了，已取的内容可能与现在不符。"
        "请不带 cursor 从头读取，存入一份新的副本。"
    )


class TooLarge(exceptions.APIException):
    """The body is larger than Django takes (DATA_UPLOAD_MAX_MEMORY_SIZE)."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "请求正文超过上限，请分次发送。"


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn an exception of a view into a problem; a fault of ours is logged and becomes 500 without a trace.

    With DEBUG on, our own faults return None, so that Django shows its page for developers.
    """
    if isinstance(error, DomainError):
        error = exceptions.ValidationError(_by_field(error))
    elif isinstance(error, RequestDataTooBig):
        error = TooLarge()
    response = exception_handler(error, context) or _our_fault(error, context)
    if response is None:
        return None
    response.data = _problem(error, response)
    request = context["request"]
    if getattr(getattr(request, "accepted_renderer", None), "format", "") != "html":
        request.accepted_renderer, request.accepted_media_type = ProblemRenderer(), CONTENT_TYPE
    return response


def _problem(error: Exception, response: Response) -> dict[str, Any]:
    kind, title = TITLES.get(response.status_code, ("error", "请求未完成"))
    problem: dict[str, Any] = {"type": f"urn:chishang:problem:{kind}", "title": title, "status": response.status_code}
    if isinstance(error, exceptions.ValidationError):
        problem["errors"] = _flat(response.data)
    elif detail := _detail(error):
        problem["detail"] = detail
    return problem


def _detail(error: Exception) -> str:
    """Return what to tell beside the title; nothing about rows or rights, which would say what exists."""
    if isinstance(error, exceptions.ParseError):
        return "请求正文不是有效的 JSON。"
    if isinstance(error, exceptions.Throttled):
        return f"调用次数已到上限，请过 {error.wait} 秒再试。"  # type: ignore[attr-defined]  # the stubs lack it
    quiet = Http404 | PermissionDenied | exceptions.PermissionDenied | exceptions.NotAuthenticated
    if not isinstance(error, exceptions.APIException) or isinstance(error, quiet):
        return ""
    default = isinstance(error, exceptions.NotFound) and error.detail == exceptions.NotFound.default_detail
    return "" if default else str(error.detail)


def _our_fault(error: Exception, context: dict[str, Any]) -> Response | None:
    if settings.DEBUG:
        return None
    request = context["request"]._request  # noqa: SLF001  Django's own request, as its log handlers expect
    set_rollback()
    # What Django does itself where nobody answers an exception: watchers and the test client hear of it.
    got_request_exception.send(sender=problem_response, request=request)
    logger.error(
        "Internal Server Error: %s", request.path, exc_info=error, extra={"status_code": 500, "request": request}
    )
    return Response(status=status.HTTP_500_INTERNAL_SERVER_ERROR)


def _by_field(error: DomainError) -> dict[str, list[str]]:
    if not hasattr(error, "error_dict"):
        return {WHOLE: error.messages}
    return {WHOLE if name == "__all__" else name: texts for name, texts in error.message_dict.items()}


def _flat(errors: Any) -> dict[str, list[str]]:
    """Return nested errors as one list of messages a field, with names such as ``issues[0].description``."""
    found: dict[str, list[str]] = {}
    for name, text in _leaves(errors, ""):
        found.setdefault(name or WHOLE, []).append(text)
    return found


def _leaves(errors: Any, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(errors, dict):
        for key, value in errors.items():
            yield from _leaves(value, _join(name, str(key)))
    elif isinstance(errors, list):
        for number, value in enumerate(errors):
            yield from _leaves(value, name if isinstance(value, str) else f"{name}[{number}]")
    else:
        yield name, str(errors)


def _join(name: str, key: str) -> str:
    """Append ``key`` to the name of a field; services write ``issues.0.description`` for the first of a list."""
    if key == WHOLE:
        return name
    parts = "".join(f"[{part}]" if part.isdigit() else f".{part}" for part in key.split("."))
    return (name + parts).lstrip(".")
