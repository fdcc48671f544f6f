"""Writes the small checkpoints that PyTorchCheckpointTest reads. Run in this folder with PyTorch 1.6 or later."""

import collections
import os
import pickle
import zipfile

import torch


class Custom:
    """A class of the program that saved the checkpoint, which no reader knows."""


class RunsCommand:
    """Pickled as the call os.system("true")."""

    def __reduce__(self):
        return os.system, ("true",)


def counted(*shape, dtype=torch.float32):
    size = torch.Size(shape).numel()
    return torch.arange(size, dtype=torch.float64).reshape(shape).to(dtype)


def raw(file, data, entries=()):
    """A zip like torch.save's, around a hand-made pickle."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo("archive/data.pkl"), data)
        for name, content in entries:
            archive.writestr(zipfile.ZipInfo("archive/" + name), content)


model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
with torch.no_grad():
    model[0].weight.copy_(counted(2, 3))
    model[0].bias.copy_(counted(2))

torch.save(model.state_dict(), "flat.pt")
torch.save(
    {
        "model_state_dict": model.state_dict(),
        "replay_buffer": counted(2, 1, 2, 2),
        "epoch": 7,
        "big": 2**40,
        "huge": 2**70,
        "accuracy": 0.25,
        "name": "wrn\u00e9",
        "best": True,
        "nothing": None,
        "optimizer": {"param_groups": [{"lr": 0.1, "betas": (0.9, 0.999)}], "state": {0: {"step": counted(1)}}},
    },
    "nested.pt",
)
torch.save({"module." + k: v for k, v in model.state_dict().items()}, "wrapped.pt")
torch.save({"x": counted(2), "module.x": counted(2)}, "wrapped_twice.pt")

torch.save(
    {
        "float64": counted(3, dtype=torch.float64) / 3,
        "float16": torch.tensor([1.5, -2.0, 65504.0, 2.0**-24, float("inf"), float("nan")], dtype=torch.half),
        "bfloat16": torch.tensor([1.5, -2.0, 3.0e38, float("-inf")], dtype=torch.bfloat16),
        "int64": torch.tensor([2**62 + 1, -1]),
        "int32": torch.tensor([-(2**31), 5], dtype=torch.int32),
        "int16": torch.tensor([-300, 300], dtype=torch.int16),
        "int8": torch.tensor([-128, 127], dtype=torch.int8),
        "uint8": torch.tensor([0, 255], dtype=torch.uint8),
        "bool": torch.tensor([True, False]),
        "scalar": torch.tensor(3.25),
        "empty": torch.zeros(0, 4),
    },
    "types.pt",
)

base = counted(4, 6)
torch.save(
    {
        "base": base,
        "transposed": base.t(),
        "columns": base[1:3, ::2],
        "row": base[2],
        "last": base[3, 5],
        "expanded": base[:, :1].expand(4, 3),
        "channels_last": counted(1, 2, 3, 4).contiguous(memory_format=torch.channels_last),
        "parameter": torch.nn.Parameter(counted(2, 2)),
    },
    "views.pt",
)
ordered = collections.OrderedDict([("z", counted(1)), ("a", counted(2)), ("m", counted(3))])
torch.save(ordered, "protocol4.pt", pickle_protocol=4)

torch.save({"weight": counted(2), "args": Custom()}, "custom_class.pt")
torch.save({"weight": counted(2), "bomb": RunsCommand()}, "runs_command.pt")
torch.save({"weight": counted(2)}, "legacy.pt", _use_new_zipfile_serialization=False)
torch.save(counted(2), "bare_tensor.pt")
torch.jit.save(torch.jit.script(torch.nn.Linear(1, 1)), "torchscript.pt")



def wide_resnet(blocks, width, channels, classes):
    """The published names and shapes, without norm. Single zeros, expanded: only shapes are tested."""
    shapes = {"f.conv1": (16, channels, 3, 3)}
    before = 16
    for group in range(3):
        after = 16 * 2**group * width
        for block in range(blocks):
            name = f"f.layer{group + 1}.{block}."
            shapes[name + "conv1"] = (after, before, 3, 3)
            shapes[name + "conv2"] = (after, after, 3, 3)
            if before != after:
                shapes[name + "shortcut.0"] = (after, before, 1, 1)
            before = after
    shapes["class_output"] = (classes, before)
    tensors = {}
    for name, shape in shapes.items():
        tensors["module." + name + ".weight"] = torch.zeros(1).expand(shape)
        tensors["module." + name + ".bias"] = torch.zeros(1).expand(shape[:1])
    return tensors


torch.save({"model_state_dict": wide_resnet(2, 2, 1, 3)}, "wide_resnet_16_2.pt")

# Hand-made: things torch.save never writes.
STORAGE = b"(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x04tQ"


def tensor(offset, shape, stride):
    return (
        b"\x80\x02}X\x01\x00\x00\x00wctorch._utils\n_rebuild_tensor_v2\n("
        + STORAGE
        + b"K" + bytes([offset])
        + b"J" + shape.to_bytes(4, "little") + b"\x85"
        + b"K" + bytes([stride]) + b"\x85"
        + b"\x89ccollections\nOrderedDict\n)RtRs."
    )


FOUR_FLOATS = [("data/0", bytes(16))]
raw("good_by_hand.pt", tensor(0, 4, 1), FOUR_FLOATS)
raw("big_endian.pt", tensor(0, 4, 1), [("data/0", bytes([0x3F, 0x80, 0, 0] * 4)), ("byteorder", b"big")])
raw("view_beyond_storage.pt", tensor(1, 4, 1), FOUR_FLOATS)
raw("expanded_bomb.pt", tensor(0, 2**30, 0), FOUR_FLOATS)
raw("storage_missing.pt", tensor(0, 4, 1))
raw("storage_short.pt", tensor(0, 4, 1), [("data/0", bytes(12))])
raw("instruction_inst.pt", b"\x80\x02(X\x04\x00\x00\x00trueios\nsystem\n.")
raw("instruction_obj.pt", b"\x80\x02(cos\nsystem\nX\x04\x00\x00\x00trueo.")
raw("instruction_newobj.pt", b"\x80\x02ccollections\nOrderedDict\n)\x81.")
raw("instruction_extension.pt", b"\x80\x02\x82\x01.")
raw("calls_os_system.pt", b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R.")
raw("java_constructor.pt", b"\x80\x02c__builtin__\nbytearray\nX\x01\x00\x00\x00a\x85R.")
raw("text_bomb.pt", b"\x80\x02X\xff\xff\xff\x7fa.")
raw("list_as_key.pt", b"\x80\x02}]K\x01s.")
raw("cyclic.pt", b"\x80\x02}X\x01\x00\x00\x00a]q\x00h\x00as.")
raw("stack_underflow.pt", b"\x80\x02R.")
raw("unfinished.pt", b"\x80\x02}")
raw("dict_in_dict_cyclic.pt", b"\x80\x02}q\x00X\x01\x00\x00\x00ah\x00s.")
raw("sets_attributes.pt", b"\x80\x02K\x01}b.")

with zipfile.ZipFile("foreign.zip", "w") as archive:
    archive.writestr(zipfile.ZipInfo("readme.txt"), "not a checkpoint")
with zipfile.ZipFile("compressed.pt", "w", zipfile.ZIP_DEFLATED) as archive:
    info = zipfile.ZipInfo("archive/data.pkl")
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, b"\x80\x02}." + bytes(100_000))
with open("plain_pickle.pt", "wb") as file:
    pickle.dump({"weight": [1.0]}, file)
