/* The integer network, written from the docstring of enhancement/compression/__init__.py
 * and nothing else, with no type wider than it says. Compiled with -ftrapv, so that an
 * overflow of 32 bits ends the program. */
#include <stdint.h>

static int64_t shift(int64_t v, int n)
{
    return n > 0 ? (v + ((int64_t)1 << (n - 1))) >> n : v * ((int64_t)1 << -n);
}

static int64_t rescale(int32_t v, int32_t m, int n) { return shift((int64_t)v * m, n); }

static int64_t limit(int64_t v, int64_t low, int64_t high)
{
    return v < low ? low : v > high ? high : v;
}

static int8_t sat8(int64_t v) { return (int8_t)limit(v, -128, 127); }
static int16_t sat16(int64_t v) { return (int16_t)limit(v, -32768, 32767); }

static int16_t look_up(const int16_t *table, int16_t z)
{
    uint16_t p = (uint16_t)(z + 32768);
    int j = p >> 7, r = p & 127;
    return (int16_t)(table[j] + shift((table[j + 1] - table[j]) * r, 7));
}

static int32_t sum(const int8_t *w, const int8_t *x, int count)
{
    int32_t a = 0;
    for (int j = 0; j < count; j++)
        a += (int32_t)w[j] * x[j];
    return a;
}

void compress(int bands, const int64_t *thresholds, const int64_t *b, int8_t *x)
{
    for (int i = 0; i < bands; i++) {
        int reached = 0;
        while (reached < 255 && thresholds[reached] <= b[i])
            reached++;
        x[i] = (int8_t)(reached - 128);
    }
}

/* z: room for 4 n; h and c: the state, n each; tables: sigmoid, then tanh */
void lstm(int n, int inputs, const int8_t *w, const int8_t *r, const int32_t *b,
          const int32_t *mx, const int8_t *nx, const int32_t *mh, const int8_t *nh,
          int k, int32_t m, int shift_out, const int16_t *tables, const int8_t *x,
          int16_t *z, int8_t *h, int16_t *c)
{
    const int16_t *sigmoid = tables, *tanh = tables + 513;
    for (int row = 0; row < 4 * n; row++) {
        int gate = row / n;
        int32_t a = sum(w + row * inputs, x, inputs) + b[row];
        int16_t u = sat16(rescale(a, mx[gate], nx[gate]));
        int32_t loop = sum(r + row * n, h, n);
        z[row] = sat16(u + rescale(loop, mh[gate], nh[gate]));
    }
    for (int j = 0; j < n; j++) {
        int32_t i = look_up(sigmoid, z[j]), f = look_up(sigmoid, z[n + j]);
        int32_t g = look_up(tanh, z[2 * n + j]), o = look_up(sigmoid, z[3 * n + j]);
        c[j] = sat16(shift(f * c[j], 15) + shift(i * g, 30 - k));
        int32_t y = look_up(tanh, sat16(shift(c[j], k - 12)));
        h[j] = sat8(rescale(o * y, m, shift_out));
    }
}

void relu(int outputs, int inputs, const int8_t *w, const int32_t *b, int32_t m, int n,
          const int8_t *h, int8_t *d)
{
    for (int i = 0; i < outputs; i++) {
        int64_t v = rescale(sum(w + i * inputs, h, inputs) + b[i], m, n) - 128;
        d[i] = sat8(v < -128 ? -128 : v);
    }
}

void mask(int outputs, int inputs, const int8_t *w, const int32_t *b, int32_t m, int n,
          const int16_t *tables, const int8_t *d, int16_t *y)
{
    for (int i = 0; i < outputs; i++) {
        int32_t a = sum(w + i * inputs, d, inputs) + b[i];
        y[i] = look_up(tables, sat16(rescale(a, m, n)));
    }
}
