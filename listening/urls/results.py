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
        results.as_json,
        name="results-json",
    ),
    path("studies/<slug:slug>/results/trials.csv", results.as_csv, name="results-csv"),
    path("studies/<slug:slug>/export.zip", results.export, name="export"),
]
