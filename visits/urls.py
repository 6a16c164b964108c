"""Addresses of the secretary's pages."""

from django.urls import path

from visits.api import phones
from visits.views import offline, pages

app_name = "visits"
urlpatterns = [
    path("", pages.home, name="home"),
    path("households/<int:pk>/", pages.household, name="household"),
    path("households/<int:pk>/record/", pages.record, name="record"),
    path("receipts/<int:pk>/", pages.receipt, name="receipt"),
    path("issues/", pages.issues, name="issues"),
    path("issues/<int:pk>/", pages.issue, name="issue"),
    path("issues/<int:pk>/feedback/", pages.feedback, name="feedback"),
    path("issues/<int:pk>/resubmit/", pages.resubmit, name="resubmit"),
    # Without network.
    path("outbox/", offline.shell, name="outbox"),
    path("shell/", offline.shell, name="shell"),
    path("sw.js", offline.service_worker, name="service_worker"),
    # What the pages call from the phone.
    path("ops/", phones.OperationsView.as_view(), name="operations"),
    path("photos/<str:sha256>/", phones.PhotoView.as_view(), name="photo"),
    path("rollcall/", phones.RollCallView.as_view(), name="rollcall"),
    path("session/", phones.SessionView.as_view(), name="session"),
    path("reference/", phones.ReferenceView.as_view(), name="reference"),
]
