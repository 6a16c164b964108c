"""Addresses of the secretary's pages on members and meetings."""

from django.urls import path

from members import views

app_name = "members"
urlpatterns = [
    path("", views.home, name="home"),
    path("<int:pk>/", views.member, name="member"),
    path("transfers/<int:pk>/receive/", views.receive, name="receive"),
    path("meetings/", views.meetings, name="meetings"),
    path("meetings/record/", views.record, name="record"),
    path("meetings/<int:pk>/", views.meeting, name="meeting"),
    path("calendar/", views.calendar, name="calendar"),
]
