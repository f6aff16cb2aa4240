"""The admin's pages of stimulus sets: who may, what they do, what they show."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from stimuli import generation
from stimuli.models import Mixture, Stimulus, StimulusSet
from tests.stimuli.material import make_corpus, make_set

pytestmark = pytest.mark.django_db

VERBS = ("generate", "cancel", "retry")


@pytest.fixture
def small() -> StimulusSet:
    return make_set()


@pytest.fixture
def rendered(small: StimulusSet) -> StimulusSet:
    generation.prepare(small)
    generation.render_waiting(small)
    return small


@pytest.fixture
def boss() -> Client:
    return logged_in(User.objects.create_superuser("boss", password="the boss's"))


def staff(*permissions: str) -> Client:
    user = User.objects.create_user("staff", password="the staff's", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return logged_in(user)


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def url(name: str, pk: int, *more: str) -> str:
    return reverse(f"admin:stimuli_{name}", args=[pk, *more])


def content(client: Client, address: str, **headers: str) -> str:
    response = client.get(address, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def test_generate_draws_the_set_and_hands_it_to_the_workers(
    boss: Client, small: StimulusSet, django_capture_on_commit_callbacks: object
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        response = boss.post(url("stimulusset_generate", small.pk))
    assert response["Location"] == url("stimulusset_generation", small.pk)
    small.refresh_from_db()
    assert small.state == StimulusSet.State.QUEUED
    assert small.mixtures.waiting().count() == 4
    assert DBTaskResult.objects.ready().exists()


def test_what_cannot_be_generated_is_told_and_stays_a_draft(boss: Client) -> None:
    wrong = make_set(systems=["unprocessed", "nonsense"])
    response = boss.post(url("stimulusset_generate", wrong.pk), follow=True)
    assert "Unknown systems: nonsense" in response.content.decode()
    wrong.refresh_from_db()
    assert wrong.state == StimulusSet.State.DRAFT


@pytest.mark.parametrize("verb", VERBS)
def test_the_buttons_work_by_post_only(
    boss: Client, small: StimulusSet, verb: str
) -> None:
    assert boss.get(url(f"stimulusset_{verb}", small.pk)).status_code == 405


@pytest.mark.parametrize("verb", VERBS)
def test_the_buttons_need_a_token_of_the_page(small: StimulusSet, verb: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("boss", password="the boss's"))
    assert client.post(url(f"stimulusset_{verb}", small.pk)).status_code == 403


@pytest.mark.parametrize("verb", VERBS)
def test_the_buttons_refuse_staff_who_may_only_look(
    small: StimulusSet, verb: str
) -> None:
    client = staff("view_stimulusset")
    assert client.post(url(f"stimulusset_{verb}", small.pk)).status_code == 403
    page = content(client, url("stimulusset_generation", small.pk))
    assert ">Generate</button>" not in page


@pytest.mark.parametrize(
    ("name", "more"),
    [("stimulus_audio", ()), ("stimulus_picture", ("waveform",))],
)
def test_sounds_and_pictures_are_for_staff_with_permission(
    rendered: StimulusSet, name: str, more: tuple[str, ...]
) -> None:
    address = url(name, Stimulus.objects.all()[0].pk, *more)
    anonymous = Client().get(address)
    assert anonymous.status_code == 302
    assert "/login/" in anonymous["Location"]
    assert staff("view_stimulusset").get(address).status_code == 403


def test_the_page_of_a_generation_needs_a_login_and_a_permission(
    small: StimulusSet,
) -> None:
    address = url("stimulusset_generation", small.pk)
    assert Client().get(address).status_code == 302
    assert staff().get(address).status_code == 403


def test_while_it_runs_the_panel_asks_for_itself(
    boss: Client, small: StimulusSet
) -> None:
    generation.prepare(small)
    small.queue()
    address = url("stimulusset_generation", small.pk)
    assert f'hx-get="{address}"' in content(boss, address)
    part = content(boss, address, HX_Request="true")
    assert "<html" not in part
    assert "<strong>0</strong> of 8 stimuli" in part
    assert ">Cancel</button>" in part


def test_when_done_it_asks_no_more_and_shows_the_quality(
    boss: Client, rendered: StimulusSet
) -> None:
    page = content(boss, url("stimulusset_generation", rendered.pk))
    assert "hx-get" not in page
    assert "Level gain" in page
    assert page.count("dB SNR</h3>") == 2


def test_the_quality_table_is_sorted_by_a_column(
    boss: Client, rendered: StimulusSet
) -> None:
    address = url("stimulusset_generation", rendered.pk)
    page = content(boss, f"{address}?sort=-system")
    assert page.index(">wiener</a>") < page.index(">unprocessed</a>")
    assert 'aria-sort="descending"' in page


def test_what_is_out_of_range_is_marked(boss: Client, rendered: StimulusSet) -> None:
    Mixture.objects.update(measured_snr_db=3.0)
    page = content(boss, url("stimulusset_generation", rendered.pk))
    assert "more than 0.1 dB from the nominal 6 dB" in page


def test_the_number_of_queries_does_not_grow_with_the_set(
    boss: Client, rendered: StimulusSet, django_assert_max_num_queries: object
) -> None:
    address = url("stimulusset_generation", rendered.pk)
    with django_assert_max_num_queries(16):  # type: ignore[operator]
        boss.get(address)


def test_failures_show_their_reason_and_a_retry(
    boss: Client, rendered: StimulusSet
) -> None:
    mixture = rendered.mixtures.all()[0]
    mixture.stimuli.filter(system="wiener").update(status="failed", error="ran away")
    rendered.mixtures.filter(pk=mixture.pk).update(status=Mixture.Status.FAILED)
    StimulusSet.objects.update(state=StimulusSet.State.FAILED)
    page = content(boss, url("stimulusset_generation", rendered.pk))
    assert "ran away" in page
    assert ">Retry</button>" in page
    boss.post(url("stimulusset_retry", rendered.pk))
    assert rendered.mixtures.waiting().get() == mixture


def test_cancel_stops_what_is_queued(boss: Client, small: StimulusSet) -> None:
    generation.prepare(small)
    small.queue()
    boss.post(url("stimulusset_cancel", small.pk))
    small.refresh_from_db()
    assert small.state == StimulusSet.State.CANCELLED


def test_a_stimulus_shows_in_which_frames_its_network_ran(boss: Client) -> None:
    made = make_set(systems=["unprocessed", "tinylstm-skip"], utterances_per_snr=1)
    generation.prepare(made)
    generation.render_waiting(made)
    skipping = Stimulus.objects.filter(system="tinylstm-skip")[0]
    pattern = skipping.skip_pattern
    assert pattern is not None
    assert pattern.frames == len(skipping.updates)
    page = " ".join(content(boss, url("stimulus_change", skipping.pk)).split())
    assert page.count("<figure") == 1
    assert "in which the network of tinylstm-skip ran" in page
    assert f"ran in {pattern.ran} of {pattern.frames} frames" in page
    assert f"{pattern.average_operations_m:.2f} million operations a frame" in page
    assert skipping.updates not in page
    plain = skipping.mixture.stimuli.get(system="unprocessed")
    assert plain.skip_pattern is None


def test_a_stimulus_can_be_seen_and_heard(boss: Client, rendered: StimulusSet) -> None:
    stimulus = Stimulus.objects.all()[0]
    page = content(boss, url("stimulus_change", stimulus.pk))
    assert page.count("<audio") == 2
    sound = boss.get(url("stimulus_audio", stimulus.pk))
    assert b"".join(sound) == stimulus.path.read_bytes()
    for kind in ("waveform", "spectrogram"):
        picture = boss.get(url("stimulus_picture", stimulus.pk, kind))
        assert picture.content.startswith(b"\x89PNG")
        assert "private" in picture["Cache-Control"]
    assert boss.get(url("stimulus_picture", stimulus.pk, "x")).status_code == 404


def test_a_set_is_made_with_boxes_and_a_list(boss: Client) -> None:
    response = boss.post(
        reverse("admin:stimuli_stimulusset_add"),
        form_fields(snrs_db="−6, 0;3.5", systems=["unprocessed", "wiener"]),
    )
    made = StimulusSet.objects.get()
    assert response["Location"] == url("stimulusset_generation", made.pk)
    assert made.snrs_db == [-6.0, 0.0, 3.5]
    assert made.systems == ["unprocessed", "wiener"]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"snrs_db": "-6, loud"}, "“loud” is not a number of dB from -40 to 60"),
        ({"snrs_db": "nan"}, "“nan” is not a number"),
        ({"snrs_db": "3, 3.0"}, "An SNR is named twice"),
        ({"snrs_db": ""}, "This field is required"),
        ({"systems": ["wiener"]}, "Tick “Unprocessed” too"),
        ({"level_db": "3"}, "less than or equal to -10"),
        ({"utterances_per_snr": "0"}, "greater than or equal to 1"),
    ],
)
def test_bad_settings_are_told(
    boss: Client, fields: dict[str, object], told: str
) -> None:
    answer = boss.post(reverse("admin:stimuli_stimulusset_add"), form_fields(**fields))
    assert told in answer.content.decode()
    assert not StimulusSet.objects.exists()


def form_fields(**fields: object) -> dict[str, object]:
    return {
        "title": "Made",
        "slug": "made",
        "corpus": make_corpus().pk,
        "snrs_db": "0",
        "utterances_per_snr": 2,
        "systems": ["unprocessed"],
        "seed": 1,
        "level_policy": "speech",
        "level_db": "-26",
    } | fields


def test_settings_are_fixed_once_mixtures_are_drawn(
    boss: Client, rendered: StimulusSet
) -> None:
    page = content(boss, url("stimulusset_change", rendered.pk))
    assert 'name="title"' in page
    assert 'name="seed"' not in page


@pytest.mark.django_db(transaction=True)
def test_deleting_a_set_removes_its_files(boss: Client, rendered: StimulusSet) -> None:
    boss.post(url("stimulusset_delete", rendered.pk), {"post": "yes"})
    assert not StimulusSet.objects.exists()
    assert list(rendered.folder.iterdir()) == []


def test_pages_keep_to_the_content_security_policy(
    boss: Client, rendered: StimulusSet
) -> None:
    for address in (
        url("stimulusset_generation", rendered.pk),
        url("stimulus_change", Stimulus.objects.all()[0].pk),
    ):
        page = content(boss, address)
        assert "style=" not in page
        assert "onclick" not in page
