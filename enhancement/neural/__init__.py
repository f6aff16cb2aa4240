"""Learned systems, run in NumPy or ONNX Runtime: no PyTorch here."""
