"""Addresses of the sign-in and of the documents."""

from django.urls import path

from organizations import views

urlpatterns = [
    path("accounts/login/", views.SignIn.as_view(), name="login"),
    path("accounts/logout/", views.SignOut.as_view(), name="logout"),
    path("accounts/password/", views.NewPassword.as_view(), name="password_change"),
    path("directives/", views.directives, name="directives"),
    path("directives/<int:pk>/sign/", views.sign, name="sign_directive"),
]
