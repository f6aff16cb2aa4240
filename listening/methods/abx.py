"""ABX: X is A or B, and the rater says which. It asks what is heard, not what is liked.

X is the sound of one of the two members, by an address of its own. Whoever takes the
page apart can compare samples, as in every test that plays in a browser.

W. A. Munson, M. B. Gardner, "Standardizing auditory tests", Journal of the Acoustical
Society of America 22 (1950), 675.
"""

from django.utils.translation import gettext_noop

from listening.methods.method import Choice, Kind, Method
from listening.methods.sounds import PAIR_AND_X

METHOD = Method(
    slug="abx",
    label="ABX: which of the two is X?",
    description="Can the two be told apart at all? Says nothing of preference.",
    kind=Kind.IDENTIFIED,
    choices=(Choice(-1, gettext_noop("A"), "1"), Choice(1, gettext_noop("B"), "2")),
    sounds=PAIR_AND_X,
    question=gettext_noop("Which one is the same as X?"),
    introduction=gettext_noop(
        "You will hear short recordings of people speaking in noisy rooms, three at a "
        "time. A and B differ, perhaps only a little; X is the same as one of them. "
        "Tell us which."
    ),
)
