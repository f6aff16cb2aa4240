from django.urls import path

from listening.views import audio, session

urlpatterns = [
    path("r/<str:code>/", session.join, name="join"),
    path("session/<str:code>/", session.resume, name="session"),
    path("session/<str:code>/consent/", session.consent, name="consent"),
    path("session/<str:code>/sound-check/", session.sound_check, name="sound-check"),
    path("session/<str:code>/test-sound/", audio.test_sound, name="test-sound"),
    path("session/<str:code>/trial/", session.trial, name="trial"),
    path("session/<str:code>/done/", session.done, name="done"),
    path("session/<str:code>/declined/", session.declined, name="declined"),
    path("audio/<str:token>/", audio.audio, name="audio"),
]
