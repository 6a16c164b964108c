"""Addresses of the pages of village money, and of the statements that need no sign-in."""

from django.urls import URLPattern

app_name = "finance"
urlpatterns: list[URLPattern] = []
