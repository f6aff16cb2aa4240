"""The site's administrator may look at everything and rewrite no history.

Studies are made and moved on the experimenter's pages; here one can be handed to
another owner.
"""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from listening.models import Comparison, Response, Session, Study, Trial


class LookOnly:
    """Nothing can be added, changed or deleted."""

    def has_add_permission(self, *args: Any) -> bool:
        return False

    def has_change_permission(self, *args: Any) -> bool:
        return False

    def has_delete_permission(self, *args: Any) -> bool:
        return False


class ComparisonInline(LookOnly, admin.TabularInline):
    model = Comparison
    extra = 0


class TrialInline(LookOnly, admin.TabularInline):
    model = Trial
    extra = 0
    fields = [
        *("position", "kind", "comparison", "mixture"),
        *("enhanced_first", "x_first", "scale", "shown_at"),
    ]


class ResponseInline(LookOnly, admin.StackedInline):
    model = Response
    extra = 0


@admin.register(Study)
class StudyAdmin(admin.ModelAdmin):
    list_display = ["title", "owner", "state", "method", "stimulus_set", "created_at"]
    list_filter = ["state", "method"]
    list_select_related = ["owner", "stimulus_set"]
    search_fields = ["title", "slug"]
    inlines = [ComparisonInline]

    def get_readonly_fields(
        self, request: HttpRequest, obj: Model | None = None
    ) -> list[str]:
        names = [f.name for f in Study._meta.fields]
        return [name for name in names if name not in ("id", "owner")]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False


@admin.register(Session)
class SessionAdmin(LookOnly, admin.ModelAdmin):
    list_display = ["pk", "study", "stage", "state", "simulated", "started_at"]
    list_filter = ["stage", "state", "rater__simulated", "study"]
    list_select_related = ["study", "rater"]
    inlines = [TrialInline]

    @admin.display(boolean=True)
    def simulated(self, session: Session) -> bool:
        return session.rater.simulated


@admin.register(Trial)
class TrialAdmin(LookOnly, admin.ModelAdmin):
    list_display = ["pk", "study", "position", "kind", "comparison", "shown_at"]
    list_filter = ["kind", "session__stage", "session__study"]
    list_select_related = ["session__study", "comparison"]
    # Whoever holds a token can listen: it stays between the server and the rater.
    exclude = ["token_a", "token_b", "token_x"]
    inlines = [ResponseInline]

    @admin.display(ordering="session__study")
    def study(self, trial: Trial) -> Study:
        return trial.session.study
