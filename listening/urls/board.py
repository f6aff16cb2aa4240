from django.urls import path

from listening.views import board

urlpatterns = [
    path("studies/<slug:slug>/board/", board.show, name="board"),
]
