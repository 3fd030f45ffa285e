// SPDX-License-Identifier: GPL-2.0-or-later
/* Objects and their commands: finding, explaining and running them. */
#include <stdio.h>
#include <string.h>
#include <net/if.h>
#include <netlink/attr.h>

#include "complain.h"
#include "object.h"

#define MAX_VERBS	16

static void print_usage(FILE *f, const struct object *object, const struct verb *verb)
{
	fprintf(f, "chaosctl %s %s%s%s\n", object->name, verb->name, *verb->usage ? " " : "",
		verb->usage);
}

/**
 * help_refused() - whether help would spoil the output
 * @ctl: context
 *
 * Return: STATUS_OK if not, else STATUS_USAGE after a complaint.
 */
int help_refused(struct ctl *ctl)
{
	if (!ctl->batch || !ctl->out.json)
		return STATUS_OK;
	complain("there is no help in JSON");
	return STATUS_USAGE;
}

/**
 * object_help() - print what can be done with an object
 * @ctl: context
 * @object: the object
 *
 * Return: STATUS_*.
 */
int object_help(struct ctl *ctl, const struct object *object)
{
	if (help_refused(ctl))
		return STATUS_USAGE;
	printf("%s: %s\n", object->name, object->about);
	for (size_t i = 0; i < object->n_verbs; i++) {
		fputs("  ", stdout);
		print_usage(stdout, object, &object->verbs[i]);
	}
	return STATUS_OK;
}

static int wrong_usage(const struct object *object, const struct verb *verb)
{
	fputs("usage: ", stderr);
	print_usage(stderr, object, verb);
	return STATUS_USAGE;
}

static int run_verb(struct ctl *ctl, const struct object *object, const struct verb *verb,
		    char *const *words)
{
	char command[40];
	struct args args;
	int status;

	if (*words && !strcmp(*words, "help")) {
		if (help_refused(ctl))
			return STATUS_USAGE;
		print_usage(stdout, object, verb);
		return STATUS_OK;
	}
	snprintf(command, sizeof(command), "%s %s", object->name, verb->name);
	if (args_parse(words, verb->takes, &args) ||
	    args_check(command, verb->needs, verb->one_of, &args))
		return wrong_usage(object, verb);
	if (!(verb->takes & ARG_WORDS))
		return ctl->check ? STATUS_OK : verb->run(ctl, &args);
	status = verb->run(ctl, &args);
	return status == STATUS_USAGE ? wrong_usage(object, verb) : status;
}

/**
 * object_run() - obey the words after the name of an object
 * @ctl: context
 * @object: the object
 * @words: command and its words, ends with NULL; none means the first command
 *
 * Return: STATUS_*.
 */
int object_run(struct ctl *ctl, const struct object *object, char *const *words)
{
	const char *names[MAX_VERBS + 1] = { "help" };
	char what[40];
	int i;

	if (!*words)
		return run_verb(ctl, object, &object->verbs[0], words);
	for (size_t v = 0; v < object->n_verbs; v++)
		names[v + 1] = object->verbs[v].name;
	snprintf(what, sizeof(what), "a command of %s", object->name);
	i = word_pick(what, *words, names, object->n_verbs + 1);
	if (i < 0) {
		fprintf(stderr, "try: chaosctl %s help\n", object->name);
		return STATUS_USAGE;
	}
	if (i == 0)
		return object_help(ctl, object);
	return run_verb(ctl, object, &object->verbs[i - 1], words + 1);
}

/**
 * object_show() - show the messages of an answer, in JSON as a list, and free it
 * @ctl: context
 * @answer: answer
 * @show: shows one message; returns 0, or -1 after a complaint
 * @args: for @show
 *
 * Goes on after a message that makes no sense.
 *
 * Return: STATUS_*.
 */
int object_show(struct ctl *ctl, struct answer *answer, show_message show, const struct args *args)
{
	int status = STATUS_OK;

	show_list_open(&ctl->out, NULL);
	for (size_t i = 0; i < answer->n; i++) {
		if (show(ctl, answer->msgs[i], args))
			status = STATUS_FAILED;
	}
	show_list_close(&ctl->out);
	answer_free(answer);
	return status;
}

/**
 * object_get() - send a request and show the answer
 * @ctl: context
 * @req: request; freed
 * @show: shows one message; returns 0, or -1 after a complaint
 * @args: for @show
 *
 * Return: STATUS_*.
 */
int object_get(struct ctl *ctl, struct request *req, show_message show, const struct args *args)
{
	struct answer answer = { 0 };

	if (request_ask(req, &answer))
		return STATUS_FAILED;
	return object_show(ctl, &answer, show, args);
}

/**
 * object_dump() - ask for everything of a kind and show it
 * @ctl: context
 * @cmd: CHAOS_CMD_*_GET
 * @show: shows one message; returns 0, or -1 after a complaint
 * @args: for @show
 *
 * Return: STATUS_*.
 */
int object_dump(struct ctl *ctl, uint8_t cmd, show_message show, const struct args *args)
{
	struct request req;

	if (device_unknown(args))
		return STATUS_FAILED;
	if (request_begin(&req, ctl->tr, cmd, NLM_F_DUMP))
		return STATUS_FAILED;
	return object_get(ctl, &req, show, args);
}

/**
 * object_change() - send a request that changes something
 * @req: request; freed
 *
 * Return: STATUS_*.
 */
int object_change(struct request *req)
{
	return request_change(req) ? STATUS_FAILED : STATUS_OK;
}

/* Deletes what one message of a dump describes, if @name agrees. */
static int flush_one(struct ctl *ctl, uint8_t del, name_message name, struct nlmsghdr *msg,
		     const struct args *args)
{
	struct request req;
	int err;

	if (request_begin(&req, ctl->tr, del, 0))
		return -1;
	/* Some age, others follow something that was deleted before. */
	req.may_be_gone = true;
	err = name(&req, msg, args);
	if (err > 0)
		return request_change(&req);
	request_drop(&req);
	return err;
}

/**
 * object_flush() - delete everything of a kind that may be deleted
 * @ctl: context
 * @get: CHAOS_CMD_*_GET, to know what there is
 * @del: CHAOS_CMD_*_DEL
 * @name: adds to a request what names an object; returns 1, 0 if it is to stay,
 *	or -1 after a complaint
 * @args: for @name
 *
 * Goes on after an object that cannot be deleted.
 *
 * Return: STATUS_*.
 */
int object_flush(struct ctl *ctl, uint8_t get, uint8_t del, name_message name,
		 const struct args *args)
{
	struct answer answer = { 0 };
	int status = STATUS_OK;
	struct request req;

	if (device_unknown(args))
		return STATUS_FAILED;
	if (request_begin(&req, ctl->tr, get, NLM_F_DUMP) || request_ask(&req, &answer))
		return STATUS_FAILED;
	for (size_t i = 0; i < answer.n; i++) {
		if (flush_one(ctl, del, name, answer.msgs[i], args))
			status = STATUS_FAILED;
	}
	answer_free(&answer);
	return status;
}

/**
 * device_unknown() - whether a device was given that does not exist
 * @args: what was given
 *
 * Return: true after a complaint.
 */
bool device_unknown(const struct args *args)
{
	if (!(args->given & ARG_DEV) || if_nametoindex(args->dev))
		return false;
	complain("there is no device '%s'", args->dev);
	return true;
}

/**
 * device_matches() - whether something is on the device that was asked for
 * @ifname: attribute with its device, or NULL
 * @args: what was given; without ARG_DEV everything matches
 *
 * Return: true if it is.
 */
bool device_matches(struct nlattr *ifname, const struct args *args)
{
	size_t len;

	if (!(args->given & ARG_DEV))
		return true;
	if (!ifname)
		return false;
	len = strnlen(nla_data(ifname), nla_len(ifname));
	return len == strlen(args->dev) && !memcmp(nla_data(ifname), args->dev, len);
}
