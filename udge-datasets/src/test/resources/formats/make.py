"""Writes the small files of this folder with NumPy, SciPy and Pillow. Pixel k of image i is (37 i + 13 k) mod 256."""
import pickle, numpy as np, scipy.io, sys, os
from PIL import Image
out = sys.argv[1]
n = 3
pixels = np.array([[(37 * i + 13 * k) % 256 for k in range(3072)] for i in range(n)], dtype=np.uint8)
labels = [3, 9, 0]
for protocol in (2, 4, 5):
    with open(f"{out}/cifar10-protocol{protocol}.pickle", "wb") as f:
        pickle.dump({"batch_label": "made", "labels": labels, "data": pixels, "filenames": ["a.png", "b.png", "c.png"]}, f, protocol)
with open(f"{out}/cifar100-bytes.pickle", "wb") as f:
    pickle.dump({b"fine_labels": [99, 0, 42], b"coarse_labels": [19, 0, 7], b"data": pixels}, f, 3)
chw = pixels.reshape(n, 3, 32, 32)
scipy.io.savemat(f"{out}/svhn.mat", {"X": chw.transpose(2, 3, 1, 0), "y": np.array([[1], [10], [9]], dtype=np.uint8)}, do_compression=True)
np.savez_compressed(f"{out}/parts.npz", x_train=chw.transpose(0, 2, 3, 1), y_train=np.array(labels), x_test=chw[:1].transpose(0, 2, 3, 1), y_test=np.array([[1]]))
np.savez(f"{out}/gray.npz", images=chw[:, 0], labels=np.array([1, 0, 2], dtype=np.uint8))
color = Image.new("RGB", (8, 8), (200, 100, 50))
color.save(f"{out}/lossless.webp", lossless=True)
color.save(f"{out}/lossy.webp", quality=95)
cmyk = Image.new("CMYK", (8, 8), (0, 255, 255, 0))
cmyk.save(f"{out}/cmyk.jpg", quality=95)
rgb16 = np.zeros((2, 2), dtype=np.uint16); rgb16[:] = [[0, 257], [25700, 65535]]
Image.fromarray(rgb16).save(f"{out}/gray16.png")
Image.new("LA", (2, 2), (100, 0)).save(f"{out}/gray-alpha.png")
Image.new("RGBA", (2, 2), (10, 20, 30, 0)).save(f"{out}/rgba.png")
Image.new("L", (2, 2), 100).save(f"{out}/gray8.png")
Image.new("L", (8, 8), 100).save(f"{out}/gray8.jpg", quality=95)
Image.new("1", (2, 2), 1).save(f"{out}/bit.png")
Image.new("RGB", (2, 2), (10, 20, 30)).quantize(4).save(f"{out}/palette.png")
Image.new("RGB", (2, 2), (10, 20, 30)).save(f"{out}/plain.bmp")
Image.new("RGB", (2, 2), (10, 20, 30)).save(f"{out}/plain.gif")
