from django.urls import path

from listening.views import board

urlpatterns = [
    path("studies/<slug:slug>/board/", board.show, name="board"),
    path("studies/<slug:slug>/sessions/", board.sessions, name="sessions"),
    path("studies/<slug:slug>/sessions/<int:number>/", board.sheet, name="sheet"),
    path(
        "studies/<slug:slug>/sessions/<int:number>/leave-out/",
        board.leave_out,
        name="leave-out",
    ),
    path(
        "studies/<slug:slug>/sessions/<int:number>/take-back/",
        board.take_back,
        name="take-back",
    ),
]
