"""Enhancement by statistics of the short-time spectrum, without training."""

from enhancement.stft import Framing

# As in Loizou's programs: 20 ms, half overlapped, and an FFT of 2 x 2^nextpow2. Our
# window is the root of Hann's, before and behind, instead of Hann's before only.
FRAMING = Framing(window=320, hop=160, fft=1024)
HOP_S = 0.010
