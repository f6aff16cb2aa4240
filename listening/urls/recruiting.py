from django.urls import path

from listening.views import recruiting

urlpatterns = [
    path("studies/<slug:slug>/recruiting/", recruiting.show, name="recruiting"),
    path("studies/<slug:slug>/invitations/", recruiting.invite, name="invite"),
    path(
        "studies/<slug:slug>/invitations/again/",
        recruiting.again,
        name="invite-again",
    ),
    path("studies/<slug:slug>/erase/", recruiting.erase, name="erase"),
    path(
        "studies/<slug:slug>/invitations.csv",
        recruiting.invitation_list,
        name="invitation-list",
    ),
]
