"""Train the TinyLSTM family with PyTorch.

    python -m enhancement.training CONFIG --out DIR [--resume]

Nothing outside this package imports it; the site never imports PyTorch.
"""
