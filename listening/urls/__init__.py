"""Addresses, by who uses them."""

from listening.urls import checks, planning, raters, recruiting, results, studies

urlpatterns = [
    *raters.urlpatterns,
    *studies.urlpatterns,
    *checks.urlpatterns,
    *recruiting.urlpatterns,
    *results.urlpatterns,
    *planning.urlpatterns,
]
