"""Addresses, by who uses them."""

from listening.urls import board, checks, planning, raters, recruiting, results, studies

urlpatterns = [
    *raters.urlpatterns,
    *studies.urlpatterns,
    *checks.urlpatterns,
    *board.urlpatterns,
    *recruiting.urlpatterns,
    *results.urlpatterns,
    *planning.urlpatterns,
]
