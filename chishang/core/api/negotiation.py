"""Which form of an answer a client gets: by ``?format=`` or by ``Accept``."""

from collections.abc import Iterable
from typing import Any

from django.http import Http404
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class PortalNegotiation(DefaultContentNegotiation):
    """As DRF does it; a format that the address does not have is 406, and the answer lists those that it has."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> Any:
        """Return the renderer and its media type; raise NotAcceptable with the choices."""
        renderers = list(renderers)
        try:
            return super().select_renderer(request, renderers, format_suffix)
        except (Http404, NotAcceptable) as error:
            choices = "、".join(f"{one.format}（{one.media_type}）" for one in renderers)
            raise NotAcceptable(f"本地址可用的格式：{choices}。请写在参数 format 或请求头 Accept 里。") from error
