"""Statistics of preference: arrays in, frozen results out. No Django, no pandas.

Every function is pure. One row is one trial; `rater` and `utterance` are the two
crossed factors of every design here, given as integer codes of shape (trials,).
"""
