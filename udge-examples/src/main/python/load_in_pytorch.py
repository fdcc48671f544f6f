"""Loads what `udge export --format safetensors` wrote into plain PyTorch and writes logits of images.

python3 load_in_pytorch.py model.safetensors images.npy logits.npy   (images in [-1, 1], [n, channels, height, width])
"""
import json, sys
import numpy as np, torch
from torch import nn
from torch.nn import functional as F

class ActNorm(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.loc, self.scale = (nn.Parameter(torch.zeros(1, n, 1, 1)) for _ in range(2))
        self.register_buffer("initialized", torch.tensor(0.0))
    def forward(self, x):
        return self.scale * (x + self.loc)

NORMS = {"none": lambda n: nn.Identity(), "batch": nn.BatchNorm2d, "act": ActNorm,
         "instance": lambda n: nn.InstanceNorm2d(n, affine=True), "layer": lambda n: nn.GroupNorm(1, n)}

class Block(nn.Module):
    def __init__(self, n, out, stride, norm):
        super().__init__()
        self.bn1, self.conv1 = norm(n), nn.Conv2d(n, out, 3, padding=1)
        self.bn2, self.conv2 = norm(out), nn.Conv2d(out, out, 3, stride, padding=1)
        self.shortcut = nn.Sequential(*([nn.Conv2d(n, out, 1, stride)] if stride > 1 or n != out else []))
    def forward(self, x):
        h = self.conv1(F.leaky_relu(self.bn1(x), 0.2))
        return self.conv2(F.leaky_relu(self.bn2(h), 0.2)) + self.shortcut(x)

class WideResNet(nn.Module):
    def __init__(self, depth, width, norm, channels):
        super().__init__()
        self.conv1, n = nn.Conv2d(channels, 16, 3, padding=1), 16
        for group, out in enumerate([16 * width, 32 * width, 64 * width]):
            blocks = [Block(n if i == 0 else out, out, 2 if group and i == 0 else 1, norm) for i in range((depth - 4) // 6)]
            setattr(self, f"layer{group + 1}", nn.Sequential(*blocks))
            n = out
        self.bn1 = norm(n)
    def forward(self, x):
        return F.leaky_relu(self.bn1(self.layer3(self.layer2(self.layer1(self.conv1(x))))), 0.2).mean((2, 3))

def load(path):
    data = open(path, "rb").read()
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    meta, types = header.pop("__metadata__"), {"F32": np.float32, "F64": np.float64, "I64": np.int64}
    state = {name: torch.from_numpy(np.frombuffer(data[start + t["data_offsets"][0]:start + t["data_offsets"][1]],
                                                  types[t["dtype"]]).reshape(t["shape"]).copy()) for name, t in header.items()}
    model = nn.Module()
    model.f = WideResNet(int(meta["depth"]), int(meta["width"]), NORMS[meta["norm"]], state["f.conv1.weight"].shape[1])
    model.class_output = nn.Linear(*reversed(state["class_output.weight"].shape))
    missing, unknown = model.load_state_dict(state, strict=False)
    assert not unknown and all(name.endswith("num_batches_tracked") for name in missing), (missing, unknown)
    return model.eval()

if __name__ == "__main__":
    model = load(sys.argv[1])
    with torch.no_grad():
        np.save(sys.argv[3], model.class_output(model.f(torch.from_numpy(np.load(sys.argv[2])))).numpy())
