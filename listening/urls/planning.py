from django.urls import path

from listening.views import planning

urlpatterns = [path("plan/", planning.show, name="plan")]
