"""Addresses, by who uses them."""

from listening.urls import (
    board,
    checks,
    copies,
    planning,
    raters,
    recruiting,
    results,
    studies,
)

urlpatterns = [
    *raters.urlpatterns,
    *studies.urlpatterns,
    *checks.urlpatterns,
    *board.urlpatterns,
    *copies.urlpatterns,
    *recruiting.urlpatterns,
    *results.urlpatterns,
    *planning.urlpatterns,
]
