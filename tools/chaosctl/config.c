// SPDX-License-Identifier: GPL-2.0-or-later
/* chaosctl save and restore: the configuration as a whole. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/chaos_netlink.h>

#include "attrs.h"
#include "batch.h"
#include "complain.h"
#include "object.h"
#include "save.h"

#define LOOPBACK_IFINDEX	1	/* in every namespace */

/* The present configuration, all of it or NULL. */
static char *save_text(struct ctl *ctl, size_t *len)
{
	char *text = NULL;
	FILE *f;
	int err;

	f = open_memstream(&text, len);
	if (!f) {
		complain("no memory");
		return NULL;
	}
	err = save_commands(ctl, f);
	if (fclose(f)) {
		complain("no memory");
		err = -1;
	}
	if (!err)
		return text;
	free(text);
	return NULL;
}

static int config_save(struct ctl *ctl, const struct args *args)
{
	char *text;
	size_t len;

	(void)args;
	if (ctl->out.json) {
		complain("the configuration is saved as commands, not in JSON");
		return STATUS_USAGE;
	}
	text = save_text(ctl, &len);
	if (!text)
		return STATUS_FAILED;
	fwrite(text, 1, len, ctl->out.f);
	free(text);
	return STATUS_OK;
}

/* Reads all of a file; complains if it cannot. */
static char *read_all(FILE *f, size_t *len, const char *path)
{
	char *text = NULL;
	bool good = false;
	char buf[4096];
	FILE *copy;
	size_t n;

	copy = open_memstream(&text, len);
	if (!copy) {
		complain("no memory");
		return NULL;
	}
	while ((n = fread(buf, 1, sizeof(buf), f)))
		fwrite(buf, 1, n, copy);
	if (ferror(f))
		complain("cannot read '%s': %s", path, strerror(errno));
	else if (fflush(copy))
		complain("no memory");
	else
		good = true;
	fclose(copy);
	if (good)
		return text;
	free(text);
	return NULL;
}

static char *read_file(const char *path, size_t *len)
{
	char *text;
	FILE *f;

	if (!strcmp(path, "-"))
		return read_all(stdin, len, path);
	f = fopen(path, "re");
	if (!f) {
		complain("cannot open '%s': %s", path, strerror(errno));
		return NULL;
	}
	text = read_all(f, len, path);
	fclose(f);
	return text;
}

static int run_text(struct ctl *ctl, char *text, size_t len, const char *name)
{
	FILE *f = fmemopen(text, len, "r");
	int status;

	if (!f) {
		complain("no memory");
		return STATUS_FAILED;
	}
	status = batch_stream(ctl, f, name);
	fclose(f);
	return status;
}

/* All that is wrong with the words of a file is found before anything is changed. */
static int check_text(const struct ctl *ctl, char *text, size_t len, const char *name)
{
	struct ctl checker = *ctl;
	int status;

	checker.check = true;
	checker.force = true;
	checker.out.json = false;
	status = run_text(&checker, text, len, name);
	if (status != STATUS_OK)
		complain("nothing was changed");
	return status;
}

static int name_link(struct request *req, struct nlmsghdr *msg, const struct args *args)
{
	static const struct nla_policy policy[CHAOS_LINK_A_MAX + 1] = {
		[CHAOS_LINK_A_IFINDEX] = { .type = NLA_U32 },
		[CHAOS_LINK_A_PERSIST] = { .type = NLA_U8 },
	};
	struct nlattr *tb[CHAOS_LINK_A_MAX + 1];

	(void)args;
	if (answer_attrs(msg, tb, CHAOS_LINK_A_MAX, policy))
		return -1;
	if (!tb[CHAOS_LINK_A_IFINDEX] || save_is_loopback(tb[CHAOS_LINK_A_TYPE]) ||
	    save_is_passing(tb[CHAOS_LINK_A_PERSIST]))
		return 0;
	request_u32(req, CHAOS_LINK_A_IFINDEX, nla_get_u32(tb[CHAOS_LINK_A_IFINDEX]));
	return 1;
}

/* Those of other links go with them, or stay with who made them. */
static int name_loopback_address(struct request *req, struct nlmsghdr *msg,
				 const struct args *args)
{
	static const struct nla_policy policy[CHAOS_ADDR_A_MAX + 1] = {
		[CHAOS_ADDR_A_IFINDEX] = { .type = NLA_U32 },
		[CHAOS_ADDR_A_ADDR] = { .type = NLA_U16 },
	};
	struct nlattr *tb[CHAOS_ADDR_A_MAX + 1];

	(void)args;
	if (answer_attrs(msg, tb, CHAOS_ADDR_A_MAX, policy))
		return -1;
	if (!tb[CHAOS_ADDR_A_IFINDEX] || !tb[CHAOS_ADDR_A_ADDR] ||
	    nla_get_u32(tb[CHAOS_ADDR_A_IFINDEX]) != LOOPBACK_IFINDEX)
		return 0;
	request_u32(req, CHAOS_ADDR_A_IFINDEX, LOOPBACK_IFINDEX);
	request_u16(req, CHAOS_ADDR_A_ADDR, nla_get_u16(tb[CHAOS_ADDR_A_ADDR]));
	return 1;
}

static int reset_net(struct ctl *ctl)
{
	uint8_t none[CHAOS_SUBNET_MAP_LEN] = { 0 };
	struct request req;

	if (request_begin(&req, ctl->tr, CHAOS_CMD_NET_SET, 0))
		return STATUS_FAILED;
	request_u8(&req, CHAOS_NET_A_FORWARDING, 0);
	request_bytes(&req, CHAOS_NET_A_PRIVATE, none, sizeof(none));
	return object_change(&req);
}

/* A deletion without a number is that of all rules. */
static int delete_rules(struct ctl *ctl)
{
	struct request req;

	if (request_begin(&req, ctl->tr, CHAOS_CMD_RULE_DEL, 0))
		return STATUS_FAILED;
	return object_change(&req);
}

static int flush(struct ctl *ctl, const struct object *object)
{
	char *words[] = { "flush", NULL };

	return object_run(ctl, object, words);
}

/* Takes away what save would print.  Filters go when there is nothing left to filter. */
static int remove_all(struct ctl *ctl)
{
	struct args none = { 0 };
	int status = reset_net(ctl);

	if (status == STATUS_OK)
		status = flush(ctl, &route_object);
	if (status == STATUS_OK)
		status = object_flush(ctl, CHAOS_CMD_LINK_GET, CHAOS_CMD_LINK_DEL, name_link,
				      &none);
	if (status == STATUS_OK)
		status = object_flush(ctl, CHAOS_CMD_ADDR_GET, CHAOS_CMD_ADDR_DEL,
				      name_loopback_address, &none);
	if (status == STATUS_OK)
		status = delete_rules(ctl);
	return status;
}

/* Puts a checked text in place of what there is; what there was comes back if that fails. */
static int replace_all(struct ctl *ctl, char *text, size_t len, const char *name)
{
	size_t old_len;
	char *old = save_text(ctl, &old_len);
	int status;

	if (!old)
		return STATUS_FAILED;
	status = remove_all(ctl);
	if (status == STATUS_OK)
		status = run_text(ctl, text, len, name);
	if (status != STATUS_OK && !ctl->force) {
		complain("going back to what there was");
		if (remove_all(ctl) != STATUS_OK ||
		    run_text(ctl, old, old_len, "before") != STATUS_OK)
			complain("going back failed: only a part is configured now");
	}
	free(old);
	return status;
}

static int config_restore(struct ctl *ctl, const struct args *args)
{
	int status;
	char *text;
	size_t len;

	if (ctl->batch) {
		complain("restore removes all there is: it cannot stand in a file itself");
		return STATUS_USAGE;
	}
	text = read_file(args->file, &len);
	if (!text)
		return STATUS_FAILED;
	status = check_text(ctl, text, len, args->file);
	if (status == STATUS_OK)
		status = replace_all(ctl, text, len, args->file);
	free(text);
	return status;
}

static const struct verb config_verbs[] = {
	{ .name = "save", .usage = "", .run = config_save },
	{ .name = "restore", .usage = "FILE", .run = config_restore,
	  .takes = ARG_FILE, .needs = ARG_FILE },
};

const struct object config_object = {
	"config", "all of the configuration: save it, restore it", config_verbs,
	ARRAY_SIZE(config_verbs), NULL,
};
