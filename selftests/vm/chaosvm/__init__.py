# SPDX-License-Identifier: GPL-2.0-or-later
"""The test machine: a stock Debian kernel in QEMU with the host's files.

kernel   fetches the kernel and makes what QEMU boots
machine  runs QEMU, once
klog     reads the kernel log and finds what must not be there
tap      reads the Test Anything Protocol and counts
testrun  runs a list of tests, in as many boots as it takes
"""
