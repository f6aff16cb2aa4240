"""Addresses, by who uses them."""

from listening.urls import board, copies, planning, raters, recruiting, results, studies

urlpatterns = [
    *raters.urlpatterns,
    *studies.urlpatterns,
    *board.urlpatterns,
    *copies.urlpatterns,
    *recruiting.urlpatterns,
    *results.urlpatterns,
    *planning.urlpatterns,
]
