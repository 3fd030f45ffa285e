# SPDX-License-Identifier: GPL-2.0-or-later
"""Releases of Debian other than this machine's: their compilers and kernels.

Each is a chroot in the cache directory.  Its own apt does the downloading, so that
nothing of this machine's package system changes; where from and through which
proxy is taken from this machine's.
"""

import contextlib
import os
import re
import shutil
import tempfile
from pathlib import Path

from .errors import SetupError
from .kernel import cache_directory, created_directory, lock, run

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"

# Packages that are unpacked, not installed: those a module is built with, and those
# that boot.  What else they depend on (the compiler) gets installed in the chroot.
HEADERS = re.compile(r"linux-(headers|kbuild|compiler)-")
IMAGE = re.compile(r"linux-(image|base|binary|modules)-\d")


def mirrors():
    """Addresses of this machine's mirrors: of Debian, and of its security updates."""
    codename = run("sh", "-c", ". /etc/os-release && echo $VERSION_CODENAME").decode().strip()
    targets = run("apt-get", "indextargets", "--format", "$(RELEASE) $(REPO_URI)",
                  "Created-By: Packages").decode()
    found = dict(line.split(" ", 1) for line in targets.splitlines() if " " in line)
    try:
        return found[codename], found[f"{codename}-security"]
    except KeyError as error:
        raise SetupError(f"apt on this machine has no source for {error}") from None


class Release:
    """A release of Debian, for instance "trixie"."""

    def __init__(self, codename):
        if os.geteuid() != 0:
            raise SetupError("only root can make and enter a chroot")
        self.codename = codename
        self.root = cache_directory() / f"debian-{codename}"
        self._lock = lock(self.root)
        if not self.root.is_dir():
            with created_directory(self.root) as work:
                self._create(work)
        # What the network looks like may have changed since.
        shutil.copy("/etc/resolv.conf", self.root / "etc")
        self.run("apt-get", "-q", "update", "--error-on=any")

    def _create(self, root):
        archive, security = mirrors()
        name = self.codename
        print(f"# making a chroot of Debian {name}", flush=True)
        # What it mounts goes with its mount namespace.
        run("unshare", "--mount", "debootstrap", "--variant=minbase", f"--keyring={KEYRING}",
            "--include=make", name, root, archive)
        (root / "etc/apt/sources.list").write_text(
            f"deb {archive} {name} main\n"
            f"deb {archive} {name}-backports main\n"
            f"deb {security} {name}-security main\n")
        settings = run("apt-config", "dump", "Acquire").decode().splitlines()
        (root / "etc/apt/apt.conf.d/10chaosvm").write_text("\n".join([
            *(line for line in settings if re.match(r"Acquire::(http|https|Check-)", line)),
            'Acquire::Languages "none";',
            'APT::Install-Recommends "0";',
            'APT::Sandbox::User "root";', ""]))

    def enter(self):
        """The command that runs what follows in the chroot, with /proc there."""
        return ["unshare", "--mount", "--pid", "--fork", "--kill-child",
                f"--mount-proc={self.root}/proc", "chroot", str(self.root),
                "env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C"]

    def run(self, *command):
        """Run a command in the chroot and return its output; SetupError if it fails."""
        return run(*self.enter(), *command).decode()

    def newest_kernel(self, suites):
        """Version, as in uname -r, of the newest generic kernel in one of `suites`."""
        package = "linux-headers-amd64"
        for line in self.run("apt-cache", "madison", package).splitlines():
            _package, version, source = (column.strip() for column in line.split("|"))
            if source.split()[1].split("/")[0] in suites:
                break
        else:
            raise SetupError(f"no {package} in {' or '.join(suites)}")
        for name in self._depends(f"{package}={version}"):
            if name.startswith("linux-headers-"):
                return name.removeprefix("linux-headers-")
        raise SetupError(f"{package} {version} depends on no headers")

    def headers(self, kver):
        """Get what it takes to build modules for `kver`.

        Returns the directory to build them in, as seen in the chroot.
        """
        directory = f"/usr/src/linux-headers-{kver}"
        done = self.root / f"usr/src/.chaosvm-{kver}"
        if not done.exists():
            print(f"# fetching the headers of {kver}", flush=True)
            unpacked, installed = self._closure(f"linux-headers-{kver}", HEADERS)
            self.run("apt-get", "-q", "-y", "install", *installed)
            with self._downloaded(unpacked) as packages:
                for package in packages:
                    # Older packages have a directory /lib, which is a link here.
                    run("tar", "-x", "-C", self.root, "--keep-directory-symlink",
                        input=run("dpkg-deb", "--fsys-tarfile", package))
            self.run("apt-get", "clean")
            done.touch()
        return directory

    def unpack_image(self, kver, directory):
        """Unpack kernel `kver` and its modules into `directory`."""
        unpacked, _installed = self._closure(f"linux-image-{kver}", IMAGE)
        with self._downloaded(unpacked) as packages:
            for package in packages:
                run("dpkg-deb", "-x", package, directory)

    def _closure(self, package, pattern):
        """Follow dependencies to packages that match `pattern`.

        Returns their names, and names of the others that they depend on directly.
        Other packages of the kernel are left out.
        """
        matching, others, pending = [], set(), [package]
        while pending:
            matching.append(pending.pop())
            for name in self._depends(matching[-1]):
                if pattern.match(name):
                    if name not in matching and name not in pending:
                        pending.append(name)
                elif not name.startswith("linux-"):
                    others.add(name)
        return matching, sorted(others)

    def _depends(self, package):
        """Names of the packages it depends on: of alternatives the first."""
        shown = self.run("apt-cache", "show", "--no-all-versions", package)
        lists = re.findall(r"^(?:Pre-)?Depends: (.*)$", shown, re.MULTILINE)
        return [re.match(r"[^ :|]+", item.strip())[0]
                for line in lists for item in line.split(",")]

    @contextlib.contextmanager
    def _downloaded(self, packages):
        """Yield the files of the packages."""
        with tempfile.TemporaryDirectory(dir=self.root / "var/tmp") as work:
            self.run("sh", "-c", 'cd "$1" && shift && apt-get -q download "$@"', "sh",
                     f"/var/tmp/{Path(work).name}", *packages)
            yield sorted(Path(work).glob("*.deb"))
