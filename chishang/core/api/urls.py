"""Addresses: the schema, its page, and the answer to unknown ones. Included after all resources."""

from django.urls import path, re_path

from chishang.core.api.docs import DocsView, SchemaView
from chishang.core.api.views import UnknownAddressView

urlpatterns = [
    path("v1/schema/", SchemaView.as_view(), name="schema"),
    path("v1/docs/", DocsView.as_view(), name="api-docs"),
    re_path("", UnknownAddressView.as_view()),
]
