"""Addresses, by who uses them."""

from listening.urls import board, planning, raters, recruiting, results, studies

urlpatterns = [
    *raters.urlpatterns,
    *studies.urlpatterns,
    *board.urlpatterns,
    *recruiting.urlpatterns,
    *results.urlpatterns,
    *planning.urlpatterns,
]
