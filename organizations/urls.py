"""Addresses of the sign-in."""

from django.urls import path

from organizations import views

urlpatterns = [
    path("login/", views.SignIn.as_view(), name="login"),
    path("logout/", views.SignOut.as_view(), name="logout"),
    path("password/", views.NewPassword.as_view(), name="password_change"),
]
