from django.urls import path

from listening.views import results

urlpatterns = [
    path("studies/<slug:slug>/results/", results.show, name="results"),
    path(
        "studies/<slug:slug>/results/figure.<str:fmt>",
        results.figure,
        name="results-figure",
    ),
    path(
        "studies/<slug:slug>/results/<slug:name>/figure.<str:fmt>",
        results.figure,
        name="results-named-figure",
    ),
    path(
        "studies/<slug:slug>/results/analysis.json",
        results.file,
        {"name": "analysis.json"},
        name="results-json",
    ),
    path("studies/<slug:slug>/results/trials.csv", results.as_csv, name="results-csv"),
    path("studies/<slug:slug>/results/reproduce.R", results.script, name="results-r"),
    path("studies/<slug:slug>/results/unblind/", results.unblind, name="unblind"),
    path("studies/<slug:slug>/results/again", results.again, name="results-again"),
    path("studies/<slug:slug>/results/<str:name>", results.file, name="results-file"),
    path("studies/<slug:slug>/export.zip", results.export, name="export"),
]
