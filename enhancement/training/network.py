"""The TinyLSTM network in PyTorch, of exactly the parameters that are published.

Shapes: B clips, T frames, 257 bins, 128 bands.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from enhancement.neural import bands

WINDOW = 512
HOP = 256
POWER = 0.3  # of the band magnitudes, before the network
FEATURE_MEAN = 0.5  # of compressed magnitudes at the levels trained on, about;
FEATURE_SCALE = 2.5  # folded into the first layer when weights are exported


@dataclass(frozen=True)
class Shape:
    """Widths of the layers; a pruned network has smaller ones."""

    lstm: tuple[int, int] = (256, 256)
    dense: int = 128

    @property
    def parameters(self) -> int:
        (first, second), dense = self.lstm, self.dense
        lstm1 = 4 * first * (bands.BANDS + first + 1)
        lstm2 = 4 * second * (first + second + 1)
        return lstm1 + lstm2 + dense * (second + 1) + bands.BANDS * (dense + 1)


class TinyLSTM(nn.Module):
    """Magnitudes to a mask: bands, power, two LSTM layers, ReLU and sigmoid layer."""

    averages: Tensor
    triangles: Tensor

    def __init__(self, shape: Shape = Shape()) -> None:
        super().__init__()
        first, second = shape.lstm
        self.lstm1 = nn.LSTM(bands.BANDS, first)
        self.lstm2 = nn.LSTM(first, second)
        self.dense = nn.Linear(second, shape.dense)
        self.mask = nn.Linear(shape.dense, bands.BANDS)
        for name, weights in [
            ("averages", bands.averages().T),
            ("triangles", bands.triangles()),
        ]:
            self.register_buffer(
                name, torch.tensor(weights, dtype=torch.float32), persistent=False
            )
        self._start(self.lstm1)
        self._start(self.lstm2)

    def _start(self, lstm: nn.LSTM) -> None:
        """Use one of PyTorch's two biases, its forget gates open; orthogonal loops."""
        n = lstm.hidden_size
        for gate in range(4):
            nn.init.xavier_uniform_(lstm.weight_ih_l0.data[gate * n : (gate + 1) * n])
            nn.init.orthogonal_(lstm.weight_hh_l0.data[gate * n : (gate + 1) * n])
        lstm.bias_ih_l0.data.zero_()
        lstm.bias_ih_l0.data[n : 2 * n] = 1.0
        lstm.bias_hh_l0.data.zero_()
        lstm.bias_hh_l0.requires_grad_(False)

    def forward(self, magnitude: Tensor) -> Tensor:
        """Return the mask, shape (B, T, bins) like `magnitude`."""
        energies = magnitude @ self.averages + 1e-8  # (B, T, bands)
        features = torch.exp(POWER * torch.log(energies))  # faster than a power
        z = self.layers(features.transpose(0, 1)).transpose(0, 1)
        return torch.sigmoid(z.float()) @ self.triangles

    def layers(self, features: Tensor) -> Tensor:
        """Return the mask before its sigmoid, of features; both (T, B, bands)."""
        x = (features - FEATURE_MEAN) * FEATURE_SCALE
        x, _ = self.lstm1(x)  # (T, B, 256)
        x, _ = self.lstm2(x)
        x = torch.relu(self.dense(x))
        return self.mask(x)

    def penalty(self) -> Tensor:
        """Return what is added to the loss: nothing here."""
        return torch.zeros((), device=self.triangles.device)

    @property
    def shape(self) -> Shape:
        lstm = (self.lstm1.hidden_size, self.lstm2.hidden_size)
        return Shape(lstm, self.dense.out_features)

    def parameters_that_learn(self) -> int:
        return sum(p.numel() for p in self.parameters() if p.requires_grad)


def spectra(sound: Tensor) -> Tensor:
    """Return the spectra of (B, samples), shape (B, T, bins), complex.

    Frames of 512 samples a hop of 256 apart, root of a periodic Hann window. The first
    frame holds the first hop after 256 zeros, as the running system has it.
    """
    padded = torch.nn.functional.pad(sound, (HOP, HOP + -sound.shape[-1] % HOP))
    return torch.fft.rfft(padded.unfold(-1, WINDOW, HOP) * _window(sound.device))


def magnitudes(spectrum: Tensor) -> Tensor:
    """Return the magnitudes; much faster than PyTorch's own on a CPU."""
    return torch.view_as_real(spectrum).square().sum(-1).sqrt()


def sounds(spectrum: Tensor, samples: int) -> Tensor:
    """Return the sound, shape (B, samples), of spectra (B, T, bins)."""
    frames = torch.fft.irfft(spectrum) * _window(spectrum.device)  # (B, T, window)
    first, second = frames[..., :HOP], frames[..., HOP:]
    hops = first[:, 1:] + second[:, :-1]
    return hops.flatten(1)[:, :samples]


def enhance(network: TinyLSTM, noisy: Tensor) -> Tensor:
    """Return the enhanced sound of (B, samples)."""
    x = spectra(noisy)
    return sounds(network(magnitudes(x)) * x, noisy.shape[-1])


def _window(device: torch.device) -> Tensor:
    return torch.hann_window(WINDOW, device=device).sqrt()
