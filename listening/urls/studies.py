from django.urls import path

from listening.views import studies

urlpatterns = [
    path("", studies.home, name="home"),
    path("studies/", studies.index, name="studies"),
]
