"""Addresses, by who uses them."""

from listening.urls import checks, planning, raters, results, studies

urlpatterns = [
    *raters.urlpatterns,
    *studies.urlpatterns,
    *checks.urlpatterns,
    *results.urlpatterns,
    *planning.urlpatterns,
]
