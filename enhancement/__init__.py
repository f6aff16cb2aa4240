"""Speech enhancement: signals in, signals out. No Django, no database, no global state.

Axes, written the same way in every docstring of the package:

    (..., samples)        sound; what stands in front is a batch of separate sounds
    (..., frames, bins)   short-time spectra

Units stand in names: `_hz`, `_db`, `_s`, `_samples`; a level `_dbov` is relative to
digital full scale, of which a full-scale square wave is 0 dBov (ITU-T P.56, G.100.1).
"""
