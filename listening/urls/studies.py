from django.urls import path

from listening.views import studies

urlpatterns = [
    path("", studies.home, name="home"),
    path("studies/", studies.index, name="studies"),
    path("studies/new/", studies.new, name="study-new"),
    path("studies/<slug:slug>/", studies.show, name="study"),
    path("studies/<slug:slug>/edit/", studies.edit, name="study-edit"),
    path("studies/<slug:slug>/schedules/", studies.schedules, name="study-schedules"),
    path("studies/<slug:slug>/preview/", studies.preview, name="study-preview"),
    path("studies/<slug:slug>/open/", studies.open_, name="study-open"),
    path("studies/<slug:slug>/pause/", studies.pause, name="study-pause"),
    path("studies/<slug:slug>/close/", studies.close, name="study-close"),
]
