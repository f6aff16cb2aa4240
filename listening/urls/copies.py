from django.urls import path

from listening.views import copies

urlpatterns = [
    path("restore/", copies.bring_back, name="restore"),
    path("studies/<slug:slug>/duplicate/", copies.copy, name="duplicate"),
    path("studies/<slug:slug>/archive.zip", copies.archive, name="archive"),
]
