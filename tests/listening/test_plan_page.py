"""GET /plan/"""

import pytest
from django.test import Client

SMALL: dict[str, str | int] = {
    "raters": 8,
    "trials": 6,
    "preference": "70",
    "systems": 2,
    "snrs": "0, 6",
    "utterances": 12,
    "power": 80,
    "rater_sd": "0.8",
    "utterance_sd": "0.5",
    "slope_sd": 0,
}


def test_it_asks_a_stranger_to_log_in(client: Client, db: None) -> None:
    assert client.get("/plan/").status_code == 302


def test_it_only_reads(ada: Client) -> None:
    assert ada.post("/plan/", SMALL).status_code == 405


def test_it_begins_with_a_form_and_computes_nothing(ada: Client) -> None:
    page = ada.get("/plan/").content.decode()
    assert 'name="raters"' in page
    assert "What to expect" not in page


def test_it_tells_power_and_the_raters_needed(ada: Client) -> None:
    page = ada.get("/plan/", SMALL).content.decode()
    assert "With 8 raters of 6 trials each" in page
    assert "A power of 80 % takes" in page
    assert "System 2" in page


def test_the_same_question_gets_the_same_answer(ada: Client) -> None:
    first, second = (ada.get("/plan/", SMALL).context["planned"] for _ in "12")
    assert first.summary == second.summary


def test_htmx_gets_the_part_alone(ada: Client) -> None:
    page = ada.get("/plan/", SMALL, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in page
    assert 'id="plan"' in page


def test_nothing_to_find_needs_no_raters(ada: Client) -> None:
    page = ada.get("/plan/", SMALL | {"preference": "50"}).content.decode()
    assert "What to expect" in page
    assert "A power of" not in page


def test_looks_have_boundaries_and_a_price(ada: Client) -> None:
    looks = SMALL | {"looks": 2, "boundaries": "pocock"}
    page = ada.get("/plan/", looks).content.decode()
    assert "With 2 looks before the end (Pocock boundaries)" in page
    assert "Write the looks into the hypotheses" in page
    assert "Looks before the end</h2>" not in ada.get("/plan/", SMALL).content.decode()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"preference": "60, 70, 80"}, "3 expected preferences for 2 SNRs"),
        ({"preference": "100"}, "Write percentages between 0 and 100."),
        ({"snrs": "loud"}, "Write numbers, with commas between them."),
        ({"snrs": "nan"}, "Write numbers, with commas between them."),
        ({"snrs": "0, 0"}, "Every SNR must be given once."),
        ({"snrs": ",".join(map(str, range(13)))}, "At most twelve SNRs."),
        ({"raters": 2000, "trials": 200}, "Use the command plan."),
        ({"looks": 4}, "5 looks, the end among them, need at least 10 raters."),
        ({"looks": 10}, "less than or equal to 9"),
        ({"boundaries": "mine"}, "Select a valid choice."),
        ({"raters": 1}, "greater than or equal to 2"),
        ({"snrs": "1 2 3 4 5 6 7"}, "need at least 14 utterances"),
    ],
)
def test_it_says_what_is_wrong(
    ada: Client, change: dict[str, str | int], message: str
) -> None:
    answer = ada.get("/plan/", SMALL | change)
    assert answer.status_code == 200
    assert message in answer.content.decode()
