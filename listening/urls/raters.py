from django.urls import path

from listening.views import audio, headphones, joining, session, withdrawal

urlpatterns = [
    path("r/<str:code>/", joining.join, name="join"),
    path("r/<str:code>/kept/", joining.kept, name="kept"),
    path("i/<str:token>/", joining.invited, name="invited"),
    path("withdraw/", withdrawal.form, name="withdraw"),
    path("session/<str:code>/", session.resume, name="session"),
    path("session/<str:code>/consent/", session.consent, name="consent"),
    path("session/<str:code>/sound-check/", session.sound_check, name="sound-check"),
    path("session/<str:code>/test-sound/", audio.test_sound, name="test-sound"),
    path("session/<str:code>/headphones/", headphones.check, name="headphones"),
    path("session/<str:code>/trial/", session.trial, name="trial"),
    path("session/<str:code>/events/", session.events, name="events"),
    path("session/<str:code>/problem/", session.problem, name="problem"),
    path("session/<str:code>/done/", session.done, name="done"),
    path("session/<str:code>/declined/", session.declined, name="declined"),
    path("session/<str:code>/ended/", session.ended, name="ended"),
    path("session/<str:code>/leave/", session.leave, name="leave"),
    path("audio/<str:token>/", audio.audio, name="audio"),
    path("headphones/<str:token>/", headphones.sound, name="headphone-sound"),
]
