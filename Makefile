# SPDX-License-Identifier: GPL-2.0-or-later
#
# Chaosnet for Linux.  The kernel's build system reads Kbuild, not this.

PREFIX ?= /usr/local
INSTALL ?= install

# ------------------------------------------------------------- which kernel

# The running kernel if its headers are there, else the newest that has some.
headers = $(shell ls -d /lib/modules/*/build 2>/dev/null | cut -d/ -f4 | sort -V)
running := $(shell uname -r)
default_kver = $(if $(filter $(running),$(headers)),$(running),$(lastword $(headers)))

# The test machine boots stock generic kernels only.
generic = $(lastword $(foreach v,$(headers),$(if $(findstring cloud,$(v)),,$(v))))

ifdef KDIR
KVER ?= $(shell cat $(KDIR)/include/config/kernel.release)
endif
VM_KVER := $(KVER)
ifndef KVER
# Evaluated when used: before that "deps" may have installed headers.
KVER = $(default_kver)
VM_KVER = $(generic)
endif
KDIR ?= /lib/modules/$(KVER)/build

# ------------------------------------------------------------------ building

all: module occupy userspace tools selftests ## build the module, the tools and the test programs

# Without vmlinux at hand no type information (BTF) can be made; say so.
kbuild = $(MAKE) --no-print-directory -C $(KDIR) M=$(CURDIR) CONFIG_DEBUG_INFO_BTF_MODULES=

module: ## build chaos.ko only
	@[ -n "$(KVER)" ] || { echo "No kernel headers are installed (try: make deps)" >&2; exit 1; }
	@[ -e $(KDIR)/Makefile ] || { echo "$(KDIR): no headers of kernel $(KVER) there" >&2; exit 1; }
	@[ ! -e .kver ] || [ "$$(cat .kver)" = "$(KVER)" ] || $(MAKE) --no-print-directory clean-module
	@echo "$(KVER)" >.kver
	+$(kbuild) modules

# Another module, for a test.
occupy := selftests/net/chaos/occupy

occupy: module ; +@$(kbuild) M=$(CURDIR)/$(occupy) -s modules

userspace: ; +@$(MAKE) --no-print-directory -C userspace all

# The tools link to libchaos.
tools: userspace ; +@$(MAKE) --no-print-directory -C tools all

selftests: ; +@$(MAKE) --no-print-directory -C selftests/net/chaos all

clean: clean-module ## remove what was built
	+@for dir in userspace tools selftests/net/chaos selftests/perf $(dir $(wildcard selftests/kunit/Makefile)); do \
		$(MAKE) --no-print-directory -C $$dir clean || exit; \
	done

clean-module:
	@$(RM) chaos.ko chaos.o chaos.mod chaos.mod.* .chaos.*.cmd .modules.order.cmd .Module.symvers.cmd
	@$(RM) Module.symvers modules.order .kver net/chaos/*.o net/chaos/.*.cmd
	@$(RM) $(addprefix $(occupy)/,*.ko *.o *.mod *.mod.c .*.cmd Module.symvers modules.order)

# ---------------------------------------------------------------- installing

module_dir = $(DESTDIR)/lib/modules/$(KVER)/updates
include_dir = $(DESTDIR)$(PREFIX)/include/linux
man_dir = $(DESTDIR)$(PREFIX)/share/man
headers_installed := $(wildcard include/uapi/linux/*.h)
pages := $(wildcard Documentation/man/*.[1-8])

install: ## install module, tools, headers and manual pages (PREFIX, DESTDIR)
	@[ -e chaos.ko ] && [ "$$(cat .kver)" = "$(KVER)" ] || \
		{ echo "Nothing is built for kernel $(KVER): run make first" >&2; exit 1; }
	$(INSTALL) -D -m 644 -t $(module_dir) chaos.ko
	$(if $(DESTDIR),,depmod $(KVER))
	+@$(MAKE) --no-print-directory -C userspace install
	+@$(MAKE) --no-print-directory -C tools install
	$(INSTALL) -D -m 644 -t $(include_dir) $(headers_installed)
	for page in $(pages); do \
		$(INSTALL) -D -m 644 -t $(man_dir)/man$${page##*.} $$page || exit; \
	done

uninstall: ## remove what install installed
	$(RM) $(module_dir)/chaos.ko
	$(if $(DESTDIR),,depmod $(KVER))
	+@$(MAKE) --no-print-directory -C userspace uninstall
	+@$(MAKE) --no-print-directory -C tools uninstall
	$(RM) $(addprefix $(include_dir)/,$(notdir $(headers_installed)))
	$(RM) $(foreach page,$(pages),$(man_dir)/man$(subst .,,$(suffix $(page)))/$(notdir $(page)))

# ---------------------------------------------------------- the test machine

vm = selftests/vm/vm

demo: deps-demo ## show it working: three hosts in the test machine, in two minutes
	@echo "Building, then booting the test machine.  The demonstration is selftests/vm/demo."
	+@$(MAKE) --no-print-directory -s KVER=$(VM_KVER) module tools
	@$(vm) run --kver $(VM_KVER) selftests/vm/demo

shell: deps-demo ## a shell in the test machine, with two configured hosts
	+@$(MAKE) --no-print-directory -s KVER=$(VM_KVER) module tools
	@$(vm) shell --kver $(VM_KVER) selftests/vm/shell

check: deps-check ## run all tests, or some: make check TESTS="sock_* replay"
	+@MAKE="$(MAKE)" selftests/vm/check --kver $(VM_KVER) $(foreach t,$(TESTS),'$(t)')

check-debug: deps-debug ## the same on a kernel that checks itself: builds it, once, in 10 minutes
	+@MAKE="$(MAKE)" selftests/vm/check-debug $(foreach t,$(TESTS),'$(t)')

check-kernels: deps-kernels ## build and try the module for the newest kernels of Debian (as root)
	+@MAKE="$(MAKE)" selftests/vm/check-kernels

# What is measured, and with what.
bench_built = +@$(MAKE) --no-print-directory -s KVER=$(VM_KVER) module tools && \
	$(MAKE) --no-print-directory -s -C selftests/perf all
bench = @selftests/perf/bench --kver $(VM_KVER)

bench: deps-bench ## measure: make bench ARGS="--deterministic"; selftests/perf/bench -h tells more
	$(bench_built)
	$(bench) $(ARGS)

bench-compare: deps-demo ## what changed against another revision: make bench-compare REV=HEAD~1
	@[ -n "$(REV)" ] || { echo "Against which revision?  make bench-compare REV=HEAD~1" >&2; exit 1; }
	$(bench_built)
	$(bench) compare $(REV) $(ARGS)

bench-plot: deps-bench ## draw throughput against size and loss: selftests/perf/plots/*.svg
	$(bench_built)
	$(bench) plot

lint: deps-check ## check style and types: checkpatch, sparse, shellcheck, mandoc
	+@MAKE="$(MAKE)" selftests/lint/lint $(VM_KVER)

deps: deps-all ## install the Debian packages that all this needs (as root)

deps-%:
	@selftests/vm/deps $*

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' Makefile | expand -t 15
	@echo
	@echo 'KVER=6.1.0-1-amd64 or KDIR=DIRECTORY choose another kernel than $(KVER).'
	@echo 'PREFIX=$(PREFIX), DESTDIR=, CC= and CFLAGS= are honoured.'

.PHONY: all module occupy userspace tools selftests clean clean-module install uninstall
.PHONY: demo shell check check-debug check-kernels bench bench-compare bench-plot lint deps help
