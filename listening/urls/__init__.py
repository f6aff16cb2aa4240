"""Addresses, by who uses them."""

from listening.urls import planning, raters, recruiting, results, studies

urlpatterns = [
    *raters.urlpatterns,
    *studies.urlpatterns,
    *recruiting.urlpatterns,
    *results.urlpatterns,
    *planning.urlpatterns,
]
