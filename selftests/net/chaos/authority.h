/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A CA for the daemons of a test that speak TLS, and what their configurations begin with:
 *
 *	authority_make("hub.test leaf.test");
 *	authority_host(0401, "hub.test");
 *	daemon_start(&tls, authority_config("hub.test", "listen 192.0.2.1\n..."));
 */
#ifndef AUTHORITY_H
#define AUTHORITY_H

#include <pwd.h>

#include "daemon.h"

static char authority_dir[] = "/tmp/authority.XXXXXX";
static pid_t authority_owner;

static inline void authority_clean_up(void)
{
	char output[NETNS_OUTPUT];

	if (getpid() == authority_owner)
		netns_run(output, "rm -r %s", authority_dir);
}

/* Make certificates for hosts, whose daemons only can read the keys. */
static inline void authority_make(const char *hosts)
{
	static const struct daemon make_ca = { .program = "tls/test/make-ca" };

	authority_owner = getpid();
	if (!mkdtemp(authority_dir) || chmod(authority_dir, 0755))
		tap_bail("%s: %s", authority_dir, strerror(errno));
	atexit(authority_clean_up);
	netns_must("%s %s %s", daemon_program(&make_ca), authority_dir, hosts);
	netns_must("chown %s %s/*.key", DAEMON_USER, authority_dir);
}

/* This name has this address. */
static inline void authority_host(unsigned int addr, const char *name)
{
	netns_must("echo %o %s >>%s/hosts", addr, name, authority_dir);
}

/* The configuration of a host, in a buffer that is used again. */
static inline const char *authority_config(const char *name, const char *more)
{
	static char config[1024];

	snprintf(config, sizeof(config), "key %s/%s.key\ncertificate %s/%s.pem\n"
		 "chain %s/chain.pem\nca %s/ca.pem\nhosts %s/hosts\n%s", authority_dir, name,
		 authority_dir, name, authority_dir, authority_dir, authority_dir, more);
	return config;
}

#endif /* AUTHORITY_H */
