"""The experimenter's pages about sounds, within Django's admin.

Corpora are to be read; a stimulus set is made, generated and looked through. Views of
our own are wrapped in `admin_view`: staff only, and each asks for its permission.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
)
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_POST

from enhancement import audio
from stimuli import files, generation, pictures, quality
from stimuli.forms import StimulusSetForm
from stimuli.models import (
    Corpus,
    NoiseRecording,
    NoisyRecording,
    Room,
    Stimulus,
    StimulusSet,
    Utterance,
)

State = StimulusSet.State
PICTURES = {"waveform": pictures.waveform, "spectrogram": pictures.spectrogram}
SOUNDS = ("corpus", "noises", "use_rooms", "use_noisy_recordings")
CONDITIONS = ("snrs_db", "utterances_per_snr", "systems", "seed")
AT_THE_EAR = ("level_policy", "level_db", "with_scores")
privately = cache_control(private=True, max_age=86_400)


class ReadOnly(admin.ModelAdmin):
    """Rows that a command makes: they are looked at here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Corpus)
class CorpusAdmin(ReadOnly):
    list_display = ("slug", "title", "layout", "synthetic", "imported_at")
    search_fields = ("slug", "title")


class RecordingAdmin(ReadOnly):
    list_filter = ["corpus"]
    list_select_related = ["corpus"]
    search_fields = ["name"]


@admin.register(Utterance)
class UtteranceAdmin(RecordingAdmin):
    list_display = ("name", "corpus", "speaker", "sentence", "frames")
    list_filter = ["corpus", "speaker"]
    search_fields = ["name", "sentence"]


@admin.register(NoiseRecording)
class NoiseRecordingAdmin(RecordingAdmin):
    list_display = ("name", "corpus", "kind", "frames")


@admin.register(Room)
class RoomAdmin(RecordingAdmin):
    list_display = ("name", "corpus", "description", "frames")


@admin.register(NoisyRecording)
class NoisyRecordingAdmin(RecordingAdmin):
    list_display = ("name", "corpus", "utterance", "snr_db", "frames")
    list_select_related = ["corpus", "utterance__corpus"]


@admin.register(StimulusSet)
class StimulusSetAdmin(admin.ModelAdmin):
    form = StimulusSetForm
    change_form_template = "admin/stimuli/stimulusset/change_form.html"
    generation_template = "admin/stimuli/stimulusset/generation.html"
    list_display = ("slug", "title", "corpus", "state", "created_at")
    list_filter = ("state", "corpus")
    list_select_related = ("corpus",)
    search_fields = ("slug", "title")
    filter_horizontal = ("noises",)
    fieldsets = (
        (None, {"fields": ("title", "slug")}),
        ("Sounds", {"fields": SOUNDS}),
        ("Conditions", {"fields": CONDITIONS}),
        ("At the ear", {"fields": AT_THE_EAR}),
    )

    def get_readonly_fields(
        self, request: HttpRequest, obj: StimulusSet | None = None
    ) -> list[str]:
        """What was drawn from the settings must stay what the settings say."""
        if obj is None or obj.state == State.DRAFT:
            return []
        return ["slug", *SOUNDS, *CONDITIONS, *AT_THE_EAR]

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: StimulusSet | None = None
    ) -> dict[str, Sequence[str]]:
        return {"slug": ("title",)} if obj is None else {}

    def has_delete_permission(
        self, request: HttpRequest, obj: StimulusSet | None = None
    ) -> bool:
        busy = obj is not None and obj.state in (State.QUEUED, State.RUNNING)
        return super().has_delete_permission(request, obj) and not busy

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Stimuli go with their set, though nobody deletes one alone."""
        shown, counts, needed, protected = super().get_deleted_objects(objs, request)
        return shown, counts, needed - {Stimulus._meta.verbose_name}, protected

    def delete_model(self, request: HttpRequest, obj: StimulusSet) -> None:
        obj.delete()
        transaction.on_commit(files.remove_orphans)

    def delete_queryset(
        self, request: HttpRequest, queryset: QuerySet[StimulusSet]
    ) -> None:
        queryset.delete()
        transaction.on_commit(files.remove_orphans)

    def response_post_save_add(
        self, request: HttpRequest, obj: StimulusSet
    ) -> HttpResponseRedirect:
        return to_generation(obj)

    def response_post_save_change(
        self, request: HttpRequest, obj: StimulusSet
    ) -> HttpResponseRedirect:
        return to_generation(obj)

    def get_urls(self) -> list[URLPattern]:
        views = {
            "generation": self.generation_view,
            "generate": self.generate_view,
            "cancel": self.cancel_view,
            "retry": self.retry_view,
        }
        ours = [
            path(
                f"<int:pk>/{name}/",
                self.admin_site.admin_view(view),
                name=f"stimuli_stimulusset_{name}",
            )
            for name, view in views.items()
        ]
        return [*ours, *super().get_urls()]

    def generation_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show how far a set is, its failures, and when done its quality.

        htmx asks for the part `generation` again and again while the set is at work.
        """
        stimulus_set = get_object_or_404(StimulusSet, pk=pk)
        if not self.has_view_permission(request, stimulus_set):
            raise PermissionDenied
        template = self.generation_template
        if request.headers.get("HX-Request"):
            template += "#generation"
        context = {
            **self.admin_site.each_context(request),
            "title": f"Generation of {stimulus_set.title}",
            "opts": self.opts,
            "can_change": self.has_change_permission(request, stimulus_set),
            **generation_context(stimulus_set, sort=request.GET.get("sort", "")),
        }
        return TemplateResponse(request, template, context)

    @method_decorator(require_POST)
    def generate_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Draw the set's mixtures and hand them to the workers."""
        stimulus_set = self._changeable(request, pk)
        if stimulus_set.state != State.DRAFT:
            messages.info(request, "It has been generated already.")
            return to_generation(stimulus_set)
        try:
            generation.prepare(stimulus_set)
        except generation.CannotGenerate as error:
            messages.error(request, f"It cannot be generated. {error}")
        else:
            generation.enqueue(stimulus_set)
        return to_generation(stimulus_set)

    @method_decorator(require_POST)
    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Render no more of the set."""
        stimulus_set = self._changeable(request, pk)
        if not generation.cancel(stimulus_set):
            messages.info(request, "It is not being generated.")
        return to_generation(stimulus_set)

    @method_decorator(require_POST)
    def retry_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Render failed and cancelled mixtures again."""
        stimulus_set = self._changeable(request, pk)
        if generation.retry(stimulus_set):
            generation.enqueue(stimulus_set)
        else:
            messages.info(request, "There is nothing to try again.")
        return to_generation(stimulus_set)

    def _changeable(self, request: HttpRequest, pk: int) -> StimulusSet:
        """Return the set if the user may change it."""
        stimulus_set = get_object_or_404(StimulusSet, pk=pk)
        if not self.has_change_permission(request, stimulus_set):
            raise PermissionDenied
        return stimulus_set


def to_generation(stimulus_set: StimulusSet) -> HttpResponseRedirect:
    where = reverse("admin:stimuli_stimulusset_generation", args=[stimulus_set.pk])
    return HttpResponseRedirect(where)


def generation_context(stimulus_set: StimulusSet, *, sort: str) -> dict[str, Any]:
    """Return what the page of the generation shows."""
    progress = generation.progress(stimulus_set)
    busy = stimulus_set.state in (State.QUEUED, State.RUNNING)
    failed = Stimulus.objects.of_set(stimulus_set).failed()
    return {
        "stimulus_set": stimulus_set,
        "progress": progress,
        "ended": progress.done + progress.failed,
        "busy": busy,
        "left": duration(progress.seconds_left),
        "took": duration(_seconds_taken(stimulus_set)),
        "problems": generation.problems(stimulus_set) if progress.total == 0 else [],
        "may_retry": stimulus_set.mixtures.repeatable().exists() and not busy,
        "failures": failed.select_related("mixture__stimulus_set")[:50],
        "columns": quality.COLUMNS,
        "groups": [] if busy else quality.groups(stimulus_set, sort=sort),
        "sort": sort,
    }


def duration(seconds: float | None) -> str:
    """Return a time in words, in seconds below two minutes."""
    if seconds is None:
        return ""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def _seconds_taken(stimulus_set: StimulusSet) -> float | None:
    began, ended = stimulus_set.queued_at, stimulus_set.finished_at
    return (ended - began).total_seconds() if began and ended else None


@admin.register(Stimulus)
class StimulusAdmin(ReadOnly):
    change_form_template = "admin/stimuli/stimulus/change_form.html"
    list_display = ("__str__", "system", "snr_db", "status", "duration")
    list_filter = ("mixture__stimulus_set", "status", "system")
    list_select_related = ("mixture__stimulus_set",)
    exclude = ("error", "updates")

    @admin.display(description="SNR (dB)", ordering="mixture__snr_db")
    def snr_db(self, stimulus: Stimulus) -> str:
        return f"{stimulus.mixture.snr_db:g}"

    def get_urls(self) -> list[URLPattern]:
        ours = [
            path(
                "<int:pk>/audio/",
                self.admin_site.admin_view(self.audio_view, cacheable=True),
                name="stimuli_stimulus_audio",
            ),
            path(
                "<int:pk>/<str:kind>.png",
                self.admin_site.admin_view(self.picture_view, cacheable=True),
                name="stimuli_stimulus_picture",
            ),
        ]
        return [*ours, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show one stimulus: pictures, sound, and the other members of its mixture."""
        found = self.get_object(request, object_id)  # None too where it is no number
        context = {"members": found.mixture.stimuli.rendered() if found else []}
        return super().change_view(
            request, object_id, form_url, context | (extra_context or {})
        )

    @method_decorator([require_GET, privately])
    def audio_view(self, request: HttpRequest, pk: int) -> FileResponse:
        """Play a stimulus to the experimenter."""
        path = self._rendered(request, pk).path
        return FileResponse(path.open("rb"), content_type="audio/wav")

    @method_decorator([require_GET, privately])
    def picture_view(self, request: HttpRequest, pk: int, kind: str) -> HttpResponse:
        """Draw a stimulus for the experimenter: `waveform` or `spectrogram`."""
        stimulus = self._rendered(request, pk)
        if kind not in PICTURES:
            raise Http404
        samples, rate_hz = audio.read(stimulus.path)
        return HttpResponse(PICTURES[kind](samples[0], rate_hz), "image/png")

    def _rendered(self, request: HttpRequest, pk: int) -> Stimulus:
        """Return a stimulus that has a file, if the user may see stimuli."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        stimulus = get_object_or_404(Stimulus.objects.rendered(), pk=pk)
        if not stimulus.path.is_file():
            raise Http404("its file is missing: run verify_stimuli")
        return stimulus
