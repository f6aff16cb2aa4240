from django.urls import path

from listening.views import designing, moves, studies

STUDY = "studies/<slug:slug>/"

urlpatterns = [
    path("", studies.home, name="home"),
    path("studies/", studies.index, name="studies"),
    path("studies/new/", designing.new, name="study-new"),
    path(STUDY, studies.show, name="study"),
    path(f"{STUDY}edit/", designing.edit, name="study-edit"),
    path(f"{STUDY}checks/", designing.checks, name="study-checks"),
    path(f"{STUDY}declaration/", designing.declaration, name="study-declaration"),
    path(f"{STUDY}texts/", designing.texts, name="study-texts"),
    path(f"{STUDY}schedules/", studies.schedules, name="study-schedules"),
    path(f"{STUDY}design/", studies.design, name="study-design"),
    path(f"{STUDY}design-<int:version>.json", studies.design_file, name="design-file"),
    path(f"{STUDY}preview/", moves.preview, name="study-preview"),
    path(f"{STUDY}dry-run/", moves.dry_run, name="study-dry-run"),
    path(f"{STUDY}pilot/", moves.pilot, name="study-pilot"),
    path(f"{STUDY}pilot/end/", moves.end_pilot, name="study-pilot-end"),
    path(f"{STUDY}pilot/discard/", moves.discard_pilot, name="study-pilot-discard"),
    path(f"{STUDY}open/", moves.open_, name="study-open"),
    path(f"{STUDY}pause/", moves.pause, name="study-pause"),
    path(f"{STUDY}close/", moves.close, name="study-close"),
]
