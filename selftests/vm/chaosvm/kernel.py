# SPDX-License-Identifier: GPL-2.0-or-later
"""Kernels to boot: where they come from and what is made of them.

A prepared kernel is a directory with these files:

    vmlinux or bzImage      what QEMU boots
    lib/modules/KVER/       its modules, with the indices depmod makes

Kernels of Debian packages are prepared once and kept in the cache directory,
under a name that contains the version.
"""

import contextlib
import fcntl
import lzma
import os
import shutil
import struct
import subprocess
import tempfile
import zlib
from pathlib import Path

from .errors import SetupError

# What the initramfs needs to reach the host's files; built-in ones are skipped.
BOOT_MODULES = ("virtio_pci", "9pnet_virtio", "9p", "overlay")


def cache_directory():
    """The directory that keeps what is slow to make."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "chaosnet-linux"


def lock(path):
    """A file that, while open, keeps others from having the lock of `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # The caller closes it.  pylint: disable-next=consider-using-with
    file = open(f"{path}.lock", "w", encoding="ascii")
    fcntl.flock(file, fcntl.LOCK_EX)
    return file


@contextlib.contextmanager
def created_directory(path):
    """Yield a new directory that becomes `path` if all goes well.

    It appears there complete or not at all; when another process was faster,
    its result stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        yield work
        work.chmod(0o755)
        try:
            work.rename(path)
        except OSError:
            if not path.is_dir():
                raise
    finally:
        shutil.rmtree(work, ignore_errors=True)


def environment():
    """The environment for what we run: ours, a little different."""
    # What the make that called us tells its children is not for others.
    ours = {name: value for name, value in os.environ.items()
            if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES")}
    # Users do not have depmod, modinfo and modprobe in their PATH.
    return {**ours, "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}


def run(*command, **options):
    """Run a command and return its output; SetupError if it fails."""
    try:
        return subprocess.run([str(word) for word in command], check=True, env=environment(),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              **options).stdout
    except FileNotFoundError:
        raise SetupError(f"{command[0]} is not installed (try: make deps)") from None
    except subprocess.CalledProcessError as error:
        output = error.stdout.decode(errors="replace").rstrip()
        shown = " ".join(str(word) for word in command)
        raise SetupError(f"{shown} failed:\n{output}") from None


def extract_vmlinux(bzimage):
    """The ELF image inside a bzImage.

    Booted directly (PVH) it saves the decompression in the guest, 5 seconds
    under emulation.
    """
    data = bzimage.read_bytes()
    setup_sectors = data[0x1f1] or 4
    offset, length = struct.unpack_from("<II", data, 0x248)
    start = (setup_sectors + 1) * 512 + offset
    payload = data[start:start + length]

    if payload.startswith(b"\xfd7zXZ\0"):
        image = lzma.LZMADecompressor().decompress(payload)
    elif payload.startswith(b"\x1f\x8b"):
        image = zlib.decompressobj(wbits=31).decompress(payload)
    elif payload.startswith(b"\x28\xb5\x2f\xfd"):
        # The last 4 bytes are the uncompressed length, not zstd's.
        image = run("zstd", "-dcq", input=payload[:-4])
    else:
        raise SetupError(f"{bzimage}: unknown compression {payload[:6].hex()}")
    if not image.startswith(b"\x7fELF"):
        raise SetupError(f"{bzimage}: no ELF image inside")
    return image


def download(kver, directory):
    """Unpack the Debian package of kernel `kver` into `directory`."""
    package = f"linux-image-{kver}"
    root = os.geteuid() == 0
    # What root downloads, apt would otherwise do as a user who may not write here.
    command = ["apt-get", "-q", *(["-o", "APT::Sandbox::User=root"] if root else []),
               "download", package]
    with tempfile.TemporaryDirectory(dir=directory) as work:
        try:
            try:
                run(*command, cwd=work)
            except SetupError:
                if not root:
                    raise
                run("apt-get", "-q", "update")
                run(*command, cwd=work)
        except SetupError as error:
            raise SetupError(
                f"{error}\nCannot fetch {package}.  If the package lists are old, "
                "run apt-get update; if this version is no longer distributed, "
                "choose another with KVER= (make help).") from None
        for deb in Path(work).glob("*.deb"):
            run("dpkg-deb", "-x", deb, directory)


def installed(kver):
    """True if kernel `kver` is installed here, so that it can be copied."""
    return (os.access(f"/boot/vmlinuz-{kver}", os.R_OK) and
            os.path.isdir(f"/lib/modules/{kver}/kernel"))


def modules_below(root, kver):
    """The directory of the modules in an unpacked package or on this machine."""
    for prefix in ("lib", "usr/lib"):
        path = root / prefix / "modules" / kver
        if (path / "kernel").is_dir():
            return path
    raise SetupError(f"no modules for {kver} in {root}")


class Kernel:
    """A kernel that is ready to boot."""

    def __init__(self, directory):
        self.directory = Path(directory).resolve()
        try:
            self.image, = (path for path in self.directory.iterdir()
                           if path.name in ("vmlinux", "bzImage"))
            self.kver, = os.listdir(self.directory / "lib/modules")
        except (FileNotFoundError, ValueError):
            raise SetupError(f"{directory}: is no prepared kernel (see --help)") from None
        self.modules = self.directory / "lib/modules" / self.kver

    @classmethod
    def of_debian(cls, kver, fetch=download):
        """The stock kernel `kver`: cached, installed here, or from its packages.

        fetch(kver, directory) unpacks these.
        """
        if "cloud" in kver:
            raise SetupError(
                f"{kver} cannot see the host's files (cloud kernels have no 9p): "
                "choose a generic one with KVER= (make help)")
        directory = cache_directory() / f"kernel-{kver}"
        if not directory.is_dir():
            with created_directory(directory) as work:
                cls._prepare(kver, work, fetch)
        return cls(directory)

    @staticmethod
    def _prepare(kver, directory, fetch):
        target = directory / "lib/modules" / kver
        if installed(kver):
            root = Path("/")
        else:
            print(f"Fetching linux-image-{kver}", flush=True)
            root = directory / "package"
            root.mkdir()
            fetch(kver, root)
        modules = modules_below(root, kver)
        image = root / "boot" / f"vmlinuz-{kver}"
        if not image.exists():
            image = modules / "vmlinuz"         # since 7.0
        (directory / "vmlinux").write_bytes(extract_vmlinux(image))
        # Copied, not linked: the package may be removed tomorrow.
        shutil.copytree(modules / "kernel", target / "kernel")
        for path in modules.glob("modules.*"):
            shutil.copy(path, target)
        shutil.rmtree(directory / "package", ignore_errors=True)
        run("depmod", "-b", directory, kver)

    def boot_modules(self):
        """Files of the modules the initramfs loads, in order."""
        files = []
        for module in BOOT_MODULES:
            shown = run("modprobe", "-d", self.directory, "-S", self.kver,
                        "--show-depends", module).decode()
            for line in shown.splitlines():
                words = line.split()
                if words[0] == "insmod" and words[1] not in files:
                    files.append(words[1])
        return [Path(file) for file in files]

    def add_modules(self, modules, base):
        """Make BASE/lib/modules/KVER, a layer that adds ours to the modules.

        It holds them, under updates/ where modprobe prefers them, and new
        indices.  Returns the directory.  Debug information would make loading
        them slow.
        """
        target = base / "lib/modules" / self.kver
        (target / "updates").mkdir(parents=True)
        for module in modules:
            run("strip", "--strip-debug", "-o", target / "updates" / module.name, module)
        for path in self.modules.glob("modules.*"):
            if path.name.startswith(("modules.order", "modules.builtin")):
                shutil.copy(path, target)
        (target / "kernel").symlink_to(self.modules / "kernel")
        run("depmod", "-b", base, self.kver)
        (target / "kernel").unlink()
        return target

    def write_initramfs(self, init, output):
        """Make the initramfs that runs the script `init`.

        It is not compressed: that would only cost time.
        """
        with tempfile.TemporaryDirectory(dir=output.parent) as work:
            work = Path(work)
            for name in ("bin", "dev", "proc", "sys", "modules", "lower", "rw", "root"):
                (work / name).mkdir()
            shutil.copy("/bin/busybox", work / "bin")
            shutil.copy(init, work / "init")
            names = []
            for file in self.boot_modules():
                names.append(file.name.removesuffix(".xz"))
                if file.suffix == ".xz":
                    content = lzma.decompress(file.read_bytes())
                    (work / "modules" / names[-1]).write_bytes(content)
                else:
                    shutil.copy(file, work / "modules")
            (work / "modules/list").write_text("".join(name + "\n" for name in names))
            files = "\0".join(str(path.relative_to(work)) for path in sorted(work.rglob("*")))
            archive = subprocess.run(
                ["cpio", "-o0", "-H", "newc", "--quiet", "-R", "0:0"],
                input=files.encode(), cwd=work, check=True, stdout=subprocess.PIPE).stdout
            output.write_bytes(archive)
