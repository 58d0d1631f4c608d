"""Packs image layers and docker-archives, byte for byte the same from the same input.

archive.py layer DIRECTORY OUT.tar                       a layer from a directory tree
archive.py image NAME CONFIG_JSON OUT.tar LAYER.tar...   an image of those layers, the lowest first; CONFIG_JSON is the
                                                         "config" object of the OCI image specification
archive.py rename NAME IN.tar OUT.tar                    the same image under another name
"""

import hashlib
import io
import json
import os
import platform
import sys
import tarfile

EPOCH = int(os.environ.get("SOURCE_DATE_EPOCH", "1793491200"))  # 2026-11-01
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def plain(info):
    """Times and names of the building machine do not enter a layer."""
    info.mtime = min(int(info.mtime), EPOCH)
    info.uname = info.gname = ""
    return info


def write_layer(directory, out):
    with tarfile.open(out, "w", format=tarfile.GNU_FORMAT) as layer:
        for entry in sorted(os.listdir(directory)):
            layer.add(os.path.join(directory, entry), arcname=entry, filter=plain)


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_image(name, config, out, layers):
    diffs = [digest(layer) for layer in layers]
    image = json.dumps(
        {
            "architecture": ARCHITECTURES.get(platform.machine(), platform.machine()),
            "os": "linux",
            "config": {"Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"], **config},
            "rootfs": {"type": "layers", "diff_ids": ["sha256:" + diff for diff in diffs]},
            "history": [{"created_by": "images/build"} for _ in layers],
        }
    ).encode()
    config_name = hashlib.sha256(image).hexdigest() + ".json"
    manifest = [{"Config": config_name, "RepoTags": [name], "Layers": [diff + ".tar" for diff in diffs]}]
    with tarfile.open(out, "w", format=tarfile.GNU_FORMAT) as archive:
        for entry, data in (("manifest.json", json.dumps(manifest).encode()), (config_name, image)):
            info = tarfile.TarInfo(entry)
            info.size = len(data)
            info.mtime = EPOCH
            archive.addfile(info, io.BytesIO(data))
        for diff, layer in zip(diffs, layers):
            info = tarfile.TarInfo(diff + ".tar")
            info.size = os.path.getsize(layer)
            info.mtime = EPOCH
            with open(layer, "rb") as file:
                archive.addfile(info, file)


def rename_image(name, source, out):
    with tarfile.open(source) as archive, tarfile.open(out, "w", format=tarfile.GNU_FORMAT) as renamed:
        for info in archive:
            data = archive.extractfile(info)
            if info.name == "manifest.json":
                manifest = [{**image, "RepoTags": [name]} for image in json.load(data)]
                text = json.dumps(manifest).encode()
                info.size, data = len(text), io.BytesIO(text)
            renamed.addfile(info, data)


if __name__ == "__main__":
    if sys.argv[1] == "layer":
        write_layer(sys.argv[2], sys.argv[3])
    elif sys.argv[1] == "image":
        write_image(sys.argv[2], json.loads(sys.argv[3]), sys.argv[4], sys.argv[5:])
    elif sys.argv[1] == "rename":
        rename_image(*sys.argv[2:5])
    else:
        sys.exit(__doc__)
