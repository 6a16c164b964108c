"""Addresses of the secretary's pages."""

from django.urls import path

from visits import views

app_name = "visits"
urlpatterns = [
    path("", views.home, name="home"),
    path("households/<int:pk>/", views.household, name="household"),
    path("households/<int:pk>/record/", views.record, name="record"),
    path("receipts/<int:pk>/", views.receipt, name="receipt"),
    path("issues/", views.issues, name="issues"),
    path("issues/<int:pk>/", views.issue, name="issue"),
    path("issues/<int:pk>/feedback/", views.feedback, name="feedback"),
    path("issues/<int:pk>/resubmit/", views.resubmit, name="resubmit"),
]
