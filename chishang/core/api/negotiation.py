"""Which form of an answer a client gets: by ``?format=`` or by ``Accept``."""

from collections.abc import Iterable
from typing import Any

from django.http.request import MediaType
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class PortalNegotiation(DefaultContentNegotiation):
    """The format named in the address, whatever the client's library sends as ``Accept``; or what ``Accept`` prefers.

    DRF asks for both at once, and does not weigh the ``q`` of ``Accept``. Other parameters (``charset``) are passed
    over. A format that the address does not have is 406, and the answer lists those that it has.
    """

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> Any:
        """Return the renderer and its media type; raise NotAcceptable with the choices."""
        renderers = list(renderers)
        if named := request.query_params.get("format"):
            fitting = (one for one in renderers if one.format == named)
        else:
            preferred = (MediaType(f"{one.main_type}/{one.sub_type}") for one in request.accepted_types)
            fitting = (one for wanted in preferred for one in renderers if wanted.match(one.media_type))
        found = next(fitting, None)
        if found is None:
            choices = "、".join(f"{one.format}（{one.media_type}）" for one in renderers)
            raise NotAcceptable(f"本地址可用的格式：{choices}。请写在参数 format 或请求头 Accept 里。")
        return found, found.media_type
