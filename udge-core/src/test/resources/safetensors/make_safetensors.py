"""Writes types.safetensors with the format's own library (safetensors 0.4 or later, NumPy)."""
import numpy as np
from safetensors.numpy import save_file

numbers = np.array([[-2, 0, 1], [3, 100, 7]])
tensors = {name: numbers.astype(name) for name in ["float64", "float32", "float16", "int64", "int32", "int16", "int8"]}
tensors["uint8"] = np.array([0, 200, 255], np.uint8)
tensors["bool"] = np.array([True, False])
tensors["scalar"] = np.array(0.1, np.float32)
tensors["empty"] = np.zeros((0, 3), np.float32)
save_file(tensors, "types.safetensors", metadata={"made_by": "make_safetensors.py"})
