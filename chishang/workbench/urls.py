"""Addresses of the workbench."""

from django.urls import path

from chishang.workbench import views

urlpatterns = [
    path("", views.home, name="home"),
    path("terms/", views.terms, name="terms"),
    path("text-size/", views.text_size, name="text-size"),
]
