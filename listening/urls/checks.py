from django.urls import path

from listening.views import checks

urlpatterns = [
    path("studies/<slug:slug>/checks/", checks.checks, name="study-checks"),
]
