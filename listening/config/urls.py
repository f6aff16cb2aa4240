from django.contrib import admin
from django.urls import include, path

handler400 = "listening.views.errors.bad_request"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("django.contrib.auth.urls")),
    path("", include("listening.urls")),
]
