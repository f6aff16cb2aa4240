"""The TinyLSTM in integers: what a microcontroller would compute, to the bit.

Conventions are those of the 8x8->16 LSTM of TensorFlow Lite and CMSIS-NN
(`arm_lstm_unidirectional_s8`): 8-bit weights and activations, 32-bit sums, 16-bit gates
and cell states. This page defines every integer; a C program that follows it gives the
same mask. The network's input are magnitudes of a spectrum, its output is a mask of 16
bits; between them nothing is a float. Where NumPy carries integers in floats (for the
speed of BLAS), every number stays below 2^24 in float32 or 2^53 in float64 and is
exact; `IntegerNetwork.check` proves it for each network before it runs.

Notation
--------
int8, int16, int32     two's complement
sat8(v), sat16(v)      v limited to -128..127, -32768..32767
v >> n                 floor(v / 2^n), also of negative v (arithmetic shift)
shift(v, n)            (v + 2^(n-1)) >> n: rounding, halves upwards; v << -n if n <= 0
rescale(v, m, n)       shift(v m, n) with a product of 64 bits; the multiplier m is an
                       int32, 0 <= m < 2^31, and 1 <= n <= 62: the single rounding of
                       CMSIS-NN (CMSIS_NN_USE_SINGLE_ROUNDING), kept in 64 bits until
                       it is limited
Q0.15, Q3.12           int16 that stands for v / 2^15, v / 2^12

1. Input
--------
Of a frame of 512 samples (full scale 1, root-Hann window, a frame every 256 samples;
quiet sound has been raised by the front end, as `enhancement.neural.levelling` defines)
the magnitudes |X_k| of bins k = 0..256 are taken as unsigned 32-bit integers

    M_k = min(round(2^16 |X_k|), 2^31 - 1)                 halves to even, as rint

averaged over 128 bands with the matrix A of Q0.15 (`bands.averages`, rounded),

    B_b = sum_k A_bk M_k                                   64 bits; below 2^53

and compressed to an int8 by a table of 255 ascending thresholds of 64 bits:

    x_b = -128 + (number of thresholds t_j <= B_b).

The thresholds hold the power 0.3 and the scale s_x of the first layer's input:
t_j = ceil(2^31 max((s_x (j + 1/2))^(1/0.3) - 1e-8, 0)), so that x has zero point -128.

2. LSTM layer of n units (twice)
--------------------------------
Gates in the order input i, forget f, candidate g, output o. State: h int8 (n), zero
point 0; c int16 (n), scale 2^-k with k = cell_bits; both start at 0. For each gate, a
matrix W (n, inputs) and R (n, n) of int8 in -127..127, a bias b (n) of int32, and
multipliers (m_x, n_x), (m_h, n_h). The input's zero point z_x is folded into the bias
when the network is made: b = round(bias / (s_x s_W)) - z_x sum_j W_j.

    a = sum_j W_j x_j + b                                  int32
    u = sat16(rescale(a, m_x, n_x))                        Q3.12
    z = sat16(u + rescale(sum_j R_j h_j, m_h, n_h))        Q3.12
    i, f, o = sigmoid(z);  g = tanh(z)                     Q0.15, by the tables of 4.
    c = sat16(shift(f c, 15) + shift(i g, 30 - k))
    y = tanh(sat16(shift(c, k - 12)))                      Q3.12 to Q0.15
    h = sat8(rescale(o y, m, n))

Here a >> of a negative k - 12 is a shift to the left. The layer's output is h.

3. Dense layers
---------------
ReLU layer, int8 to int8 with zero point -128 (its real 0):

    d = sat8(max(rescale(sum_j D_j h_j + b, m, n) - 128, -128))

Mask layer, with the zero point of d folded into its bias:

    mask = sigmoid(sat16(rescale(sum_j K_j d_j + b, m, n)))   128 bands, Q0.15, 0..32767

4. Sigmoid and tanh
-------------------
A table T of 513 int16 at z = -8, -8 + 1/32, ..., 8 (Q3.12: every 128), T_j =
round(32768 f(z_j)), halves to even, limited to +-32767; between them linear
interpolation. With the unsigned p = z + 32768, j = p >> 7 and r = p & 127:

    f(z) = T_j + shift((T_{j+1} - T_j) r, 7)

5. Output
---------
The mask is spread to 257 bins with the triangles of Q0.15 (`bands.triangles`, rounded),
Y_k = X_k (l + (1 - l) 2^-30 sum_b P_bk mask_b), where the least gain l of the bundled
systems is 0.02, and the sound put together from windowed frames.

6. Skipping updates (tinylstm-skip)
-----------------------------------
A gate decides for each frame whether the network runs at all: weights G of int8, one
for each unit of the second layer, a bias b of int32 and a multiplier (m, n). Its state
is v, which stands for v / 2^15 and starts at 32768: the first frame is never skipped.

    v >= 16384:  run 2. and 3. for this frame; then, with the new cells of layer 2,
                 d = sigmoid(sat16(rescale(sum_j G_j c_j + b, m, n)))
                 v = d
    else:        states and mask stay as they are;  v = v + min(d, 32768 - v)
"""
