"""Writes the small arrays that NpyFileTest reads. Run in this folder."""

import numpy as np
from numpy.lib import format

count = np.arange(24).reshape(4, 2, 3)
for dtype in ["<f8", ">f8", "<f4", ">f4", "<f2", "<i8", ">i8", "<i4", "<i2", "|i1", "|u1"]:
    np.save(dtype.replace("<", "little_").replace(">", "big_").replace("|", "") + ".npy", count.astype(dtype))
np.save("bool.npy", count % 2 == 1)
np.save("fortran.npy", np.asfortranarray(count.astype("<f4")))
np.save("fortran_vector.npy", np.asfortranarray(count.ravel().astype("<f4")))
np.save("scalar.npy", np.float64(2.5))
np.save("empty.npy", np.zeros((0, 3), "<f4"))
np.save("large_integer.npy", np.array([2**62 + 1]))
for version in [(2, 0), (3, 0)]:
    with open(f"version{version[0]}.npy", "wb") as file:
        format.write_array(file, count.astype("<f4"), version=version)
np.save("complex.npy", np.zeros(2, "<c8"))
np.save("text.npy", np.array(["a"]))
np.save("fields.npy", np.zeros(1, [("a", "<f4"), ("b", "<i4")]))
np.save("objects.npy", np.array([{}], dtype=object))
