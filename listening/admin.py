"""The site's administrator may look at everything and rewrite no history.

Studies are made and moved on the experimenter's pages; here one can be handed to
another owner. What is hidden there is hidden here: while the outcome of a study may not
be seen, its trials and answers are not shown to administrators either.
"""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from listening.blinding import blind_studies, is_blind
from listening.models import Comparison, Response, Session, Study, Trial

HIDDEN = "Trials, but those of studies whose outcome is hidden"


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

    def has_view_permission(
        self, request: HttpRequest, obj: Session | None = None
    ) -> bool:
        hidden = obj is not None and is_blind(obj.study)
        return not hidden and super().has_view_permission(request, obj)


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

    def get_queryset(self, request: HttpRequest) -> QuerySet[Trial]:
        trials: QuerySet[Trial] = super().get_queryset(request)
        return trials.exclude(session__study__in=blind_studies())

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Say above the list what is not on it, if anything is."""
        found = super().get_changelist_instance(request)
        if blind_studies():
            found.title = HIDDEN
        return found

    @admin.display(ordering="session__study")
    def study(self, trial: Trial) -> Study:
        return trial.session.study
