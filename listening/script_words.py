"""What the rater's scripts say: handed over in the page, since a script has no gettext.

One table for all of them; `words.js` reads it. The keys are its names there.
"""

from django.utils.translation import gettext_lazy as _

SCRIPT_WORDS = {
    "saving": _("Saving…"),
    "saved": _("Saved"),
    "offline": _("Offline, kept on this device"),
    "not_saved": _("Not saved"),
    "closed": _(
        "This study was closed while you were listening. Thank you for your time."
    ),
    "out_of_date": _(
        "This page is out of date. Please load it again: no answer is lost."
    ),
    "no_sound": _("The sound could not be loaded."),
    "paused": _("Paused"),
    "answer_now": _("You can answer now"),
    "test_playing": _("Playing. Press again to stop."),
    "test_failed": _("The sound could not be played. Please try again."),
}
