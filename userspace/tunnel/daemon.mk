# SPDX-License-Identifier: GPL-2.0-or-later
#
# How a daemon beside this directory is built, checked, fuzzed and installed.  Its
# Makefile sets some of these and includes this file:
#
#	PROGRAM		its name; the sources are $(PARTS) and main.c
#	PARTS		object files, without main.o: what tests and fuzzers link with
#	PACKAGES	libraries that pkg-config knows, besides those that all need
#	LIBS		others, such as -lresolv
#	TESTS		programs that print TAP: names of test/NAME.c
#	FUZZERS		likewise, libFuzzer targets; test/NAME.seeds/ and test/NAME.dict
#			are used if they are there
#	WRAP_NAME	linker options of one test or fuzzer
#	HELPERS		sources in test/ that all tests and fuzzers link with
#	UNITS		systemd units; @SBINDIR@ in them becomes the directory of the program
#	EXAMPLES	configurations to install as documentation
#
# Targets: all, check, fuzz, fuzz-short, install, uninstall, clean.

PREFIX ?= /usr/local
DESTDIR ?=
CFLAGS ?= -O2 -g
PKG_CONFIG ?= pkg-config
INSTALL ?= install
VERSION ?= 0.1
FUZZ_CC ?= clang

TUNNEL := ../tunnel
LIB := ../lib
LIBRARIES := $(TUNNEL)/libtunnel.a $(LIB)/libchaos.a
PACKAGES += libsystemd libcap-ng
PACKAGE_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(PACKAGES))
PACKAGE_LIBS := $(shell $(PKG_CONFIG) --libs $(PACKAGES)) $(LIBS) -pthread
COMPILE = $(1) -std=gnu11 -D_GNU_SOURCE $(CPPFLAGS) -I. -I$(TUNNEL) -I$(LIB) \
	-I../../include/uapi $(PACKAGE_CFLAGS) -DTUNNEL_VERSION='"$(VERSION)"' \
	$(CFLAGS) -Wall -Wextra -Werror $(2) -pthread -MMD -MP -c -o $@ $<

.DEFAULT_GOAL := all

all: $(PROGRAM)

ifdef PROGRAM
$(PROGRAM): main.o $(PARTS) $(LIBRARIES)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PACKAGE_LIBS)

# Their own Makefiles know what they are made of.
$(LIBRARIES): FORCE
	+@$(MAKE) -s --no-print-directory -C $(@D) $(@F)
endif

%.o: %.c
	$(call COMPILE,$(CC))

# ------------------------------------------------------------------ checking

# Everything once more with sanitizers, in a directory of its own.
CHECK := check.build
SANITIZE := -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all
check_parts := $(addprefix $(CHECK)/,$(PARTS) $(HELPERS:%.c=test/%.o))
check_programs := $(addprefix $(CHECK)/,$(TESTS))

$(CHECK)/%.o: %.c
	@mkdir -p $(@D)
	$(call COMPILE,$(CC),$(SANITIZE))

$(check_programs): $(CHECK)/%: $(CHECK)/test/%.o $(check_parts) $(CHECK)/libraries.a
	$(CC) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(WRAP_$*) $(PACKAGE_LIBS) -lcmocka

# The program itself with sanitizers, for tests that run it.
$(CHECK)/$(PROGRAM).sanitized: $(CHECK)/main.o $(addprefix $(CHECK)/,$(PARTS)) $(CHECK)/libraries.a
	$(CC) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(PACKAGE_LIBS)

# The program with a socketpair in the place of /dev/chaos, and its test as a whole; for
# daemons that have "check: check-daemon".
$(CHECK)/doubles.o: $(TUNNEL)/test/doubles.c
	@mkdir -p $(@D)
	$(call COMPILE,$(CC),$(SANITIZE))

$(CHECK)/$(PROGRAM).tapped: $(CHECK)/main.o $(addprefix $(CHECK)/,$(PARTS)) $(CHECK)/doubles.o \
		$(CHECK)/libraries.a
	$(CC) $(SANITIZE) $(LDFLAGS) -Wl,--wrap=tap_open,--wrap=backoff_next -o $@ $^ $(PACKAGE_LIBS)

check-daemon: $(CHECK)/$(PROGRAM).tapped
	@PYTHONPATH=$(TUNNEL)/test test/daemon_test.py $<

# All run, each prints TAP; one that fails makes the target fail.
check: $(check_programs)
	+@status=0; for test in $(TESTS); do \
		CMOCKA_MESSAGE_OUTPUT=TAP $(CHECK)/$$test || status=1; \
	done; \
	$(MAKE) -s --no-print-directory fuzz-short || status=1; \
	exit $$status

# ------------------------------------------------------------------- fuzzing

# Needs clang with libFuzzer.  FUZZERS=NAME chooses, FUZZ_RUNS=N ends after so many.
FUZZ := fuzz.build
FUZZ_SECONDS ?= 60
FUZZ_RUNS ?= 0
FUZZ_OPTIONS ?= -max_len=4096 -rss_limit_mb=1024 -timeout=60 -print_final_stats=1
FUZZ_SANITIZE := -g -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
# Unlike gcc it finds fault with { NULL } at the end of a table.
FUZZ_SANITIZE += -Wno-missing-field-initializers
fuzz_parts := $(addprefix $(FUZZ)/,$(PARTS) $(HELPERS:%.c=test/%.o))
fuzz_programs := $(addprefix $(FUZZ)/,$(FUZZERS))
has_libfuzzer = echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' | \
	$(FUZZ_CC) -fsanitize=fuzzer,address -x c -o /dev/null - 2>/dev/null

$(FUZZ)/%.o: %.c
	@mkdir -p $(@D)
	$(call COMPILE,$(FUZZ_CC),$(FUZZ_SANITIZE))

$(fuzz_programs): $(FUZZ)/%: $(FUZZ)/test/%.o $(fuzz_parts) $(FUZZ)/libraries.a
	$(FUZZ_CC) -fsanitize=fuzzer,address,undefined -o $@ $^ $(WRAP_$*) $(PACKAGE_LIBS)

# What was found stays in fuzz.build/NAME.corpus for the next time.
fuzz: $(fuzz_programs)
	@for name in $(FUZZERS); do \
		mkdir -p $(FUZZ)/$$name.corpus && \
		$(TUNNEL)/fuzz-one $(FUZZ)/$$name $(FUZZ_OPTIONS) \
			-max_total_time=$(if $(filter 0,$(FUZZ_RUNS)),$(FUZZ_SECONDS),0) \
			$(if $(filter 0,$(FUZZ_RUNS)),,-runs=$(FUZZ_RUNS)) || exit; \
	done

# A few seconds of it; prints TAP.
SHORT_SECONDS ?= 5
fuzz-short:
	+@[ -n "$(FUZZERS)" ] || exit 0; \
	echo "1..$(words $(FUZZERS))"; n=0; status=0; \
	if ! { $(has_libfuzzer); }; then \
		for name in $(FUZZERS); do \
			n=$$((n + 1)); echo "ok $$n - $$name # SKIP no clang with libFuzzer"; \
		done; \
		exit 0; \
	fi; \
	$(MAKE) -s --no-print-directory $(fuzz_programs) || exit; \
	for name in $(FUZZERS); do \
		n=$$((n + 1)); log=$(FUZZ)/$$name.log; \
		if $(TUNNEL)/fuzz-one $(FUZZ)/$$name $(FUZZ_OPTIONS) -seed=1 \
			-max_total_time=$(SHORT_SECONDS) >$$log 2>&1; then \
			echo "ok $$n - $$name"; \
		else \
			sed 's/^/# /' $$log; echo "not ok $$n - $$name"; status=1; \
		fi; \
	done; \
	exit $$status

# ----------------------------------------------- both libraries, for all that

ifdef PROGRAM
# Made once, in $(TUNNEL), for all daemons.
$(CHECK)/libraries.a $(FUZZ)/libraries.a: FORCE
	@mkdir -p $(@D)
	+@$(MAKE) -s --no-print-directory -C $(TUNNEL) $@
	@ln -sf ../$(TUNNEL)/$@ $@
else
library_parts = $(OBJS:%=$(1)/%) $(patsubst $(LIB)/%.c,$(1)/lib/%.o,$(sort $(wildcard $(LIB)/*.c)))

$(CHECK)/lib/%.o: $(LIB)/%.c
	@mkdir -p $(@D)
	$(call COMPILE,$(CC),$(SANITIZE))

$(FUZZ)/lib/%.o: $(LIB)/%.c
	@mkdir -p $(@D)
	$(call COMPILE,$(FUZZ_CC),$(FUZZ_SANITIZE))

$(CHECK)/libraries.a: $(call library_parts,$(CHECK))
$(FUZZ)/libraries.a: $(call library_parts,$(FUZZ))

%/libraries.a:
	@rm -f $@
	$(AR) rcs $@ $^
endif

# ---------------------------------------------------------------- installing

sbin_dir := $(PREFIX)/sbin
unit_dir := $(DESTDIR)$(PREFIX)/lib/systemd/system
doc_dir := $(DESTDIR)$(PREFIX)/share/doc/chaosnet

install: all
	$(if $(PROGRAM),$(INSTALL) -D -m 755 $(PROGRAM) $(DESTDIR)$(sbin_dir)/$(PROGRAM))
	$(if $(UNITS),$(INSTALL) -D -m 644 -t $(unit_dir) $(UNITS))
	$(if $(UNITS),sed -i 's|@SBINDIR@|$(sbin_dir)|' $(addprefix $(unit_dir)/,$(UNITS)))
	$(if $(EXAMPLES),$(INSTALL) -D -m 644 -t $(doc_dir) $(EXAMPLES))

uninstall:
	$(if $(PROGRAM),rm -f $(DESTDIR)$(sbin_dir)/$(PROGRAM))
	$(if $(UNITS),rm -f $(addprefix $(unit_dir)/,$(UNITS)))
	$(if $(EXAMPLES),rm -f $(addprefix $(doc_dir)/,$(notdir $(EXAMPLES))))

clean:
	rm -rf $(CHECK) $(FUZZ)
	rm -f $(PROGRAM) *.a *.o *.d

-include $(wildcard *.d $(CHECK)/*.d $(CHECK)/*/*.d $(FUZZ)/*.d $(FUZZ)/*/*.d)

.SECONDARY:
.PHONY: all check check-daemon fuzz fuzz-short install uninstall clean FORCE
