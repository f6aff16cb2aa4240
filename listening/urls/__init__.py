"""Addresses, by who uses them."""

from listening.urls import raters, results, studies

urlpatterns = [
    *raters.urlpatterns,
    *studies.urlpatterns,
    *results.urlpatterns,
]
