"""Addresses, by who uses them."""

from listening.urls import planning, raters, results, studies

urlpatterns = [
    *raters.urlpatterns,
    *studies.urlpatterns,
    *results.urlpatterns,
    *planning.urlpatterns,
]
