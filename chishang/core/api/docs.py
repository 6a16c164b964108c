"""The schema, and a page to read and try it; both for accounts that are signed in, with nothing from outside."""

from typing import Any

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.renderers import TemplateHTMLRenderer


class SchemaView(SpectacularAPIView):
    """The OpenAPI document, YAML or JSON as asked."""

    schema = None


class SignInHintRenderer(TemplateHTMLRenderer):
    """HTML; a refusal is a page with the way to the sign-in."""

    exception_template_names = ["api/refused.html"]


class DocsView(SpectacularSwaggerSplitView):
    """Swagger UI. Its start script is an address of its own, since the Content-Security-Policy allows none inside."""

    template_name = "api/docs.html"
    renderer_classes = [SignInHintRenderer]
    schema = None

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Return the page, or its script."""
        response = super().get(request, *args, **kwargs)
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        return response
