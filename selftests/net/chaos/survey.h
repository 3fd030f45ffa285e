/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asking all hosts of some subnets for STATUS by BRD, and seeing who answers how often.
 *
 *	tap_ok(survey_once(&a, SUBNETS_1_TO(4), others, 4), "each answers once");
 */
#ifndef SURVEY_H
#define SURVEY_H

#include "copies.h"
#include "topo.h"

#define SURVEY_HOSTS	32
#define SURVEY_TRIES	20
#define SURVEY_QUIET	1500	/* ms in which more answers could come */

/* Who has answered, and how often. */
struct survey {
	unsigned int n;
	struct {
		char name[33];
		unsigned int answers;
	} host[SURVEY_HOSTS];
};

static inline unsigned int *survey_of(struct survey *s, const char *name)
{
	unsigned int i;

	for (i = 0; i < s->n; i++)
		if (!strcmp(s->host[i].name, name))
			return &s->host[i].answers;
	if (s->n == SURVEY_HOSTS)
		tap_bail("too many hosts answer");
	snprintf(s->host[s->n].name, sizeof(s->host[0].name), "%s", name);
	return &s->host[s->n++].answers;
}

/* Make the request; answers come to the socket that is returned. */
static inline int survey_ask(const struct topo_host *h, const struct subnets *to)
{
	const struct sockaddr_chaos sa = pair_name(0, "STATUS");
	uint8_t map[COPIES_MAP];
	int fd;

	copies_map(map, sizeof(map), to);
	topo_enter(h);
	fd = socket(AF_CHAOS, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || pair_set_int(fd, SOL_SOCKET, SO_BROADCAST, 1) ||
	    setsockopt(fd, SOL_CHAOS, CHAOS_SUBNETS, map, sizeof(map)) ||
	    sendto(fd, "", 0, 0, (const struct sockaddr *)&sa, sizeof(sa)))
		tap_bail("%s: cannot broadcast: %s", h->name, strerror(errno));
	return fd;
}

/* Note the next answer.  False if none comes within @ms. */
static inline bool survey_note(struct survey *s, int fd, int ms)
{
	char answer[CHAOS_DATA_MAX], name[33] = {};
	ssize_t len;

	if (!(pair_poll(fd, POLLIN, ms) & POLLIN))
		return false;
	len = recv(fd, answer, sizeof(answer), MSG_DONTWAIT);
	if (len < 32)
		tap_bail("an answer of %zd bytes: %s", len, strerror(errno));
	memcpy(name, answer, 32);
	++*survey_of(s, name);
	return true;
}

/* How many of these hosts have answered. */
static inline unsigned int survey_answered(struct survey *s, const struct topo_host * const *hosts,
					   unsigned int n)
{
	unsigned int i, answered = 0;

	for (i = 0; i < n; i++)
		answered += !!*survey_of(s, hosts[i]->name);
	return answered;
}

/* Ask; wait until the @n hosts have answered, and for what else comes. */
static inline void survey_take(struct survey *s, const struct topo_host *from,
			       const struct subnets *to, const struct topo_host * const *hosts,
			       unsigned int n)
{
	long long end = netns_now() + TOPO_PATIENCE / 4;
	int fd;

	*s = (struct survey) {};
	fd = survey_ask(from, to);
	while (survey_answered(s, hosts, n) < n && netns_now() < end)
		survey_note(s, fd, 100);
	while (survey_note(s, fd, SURVEY_QUIET))
		;
	close(fd);
}

static inline void survey_show(const struct survey *s)
{
	unsigned int i;

	for (i = 0; i < s->n; i++)
		tap_diag("%s answers %u times", s->host[i].name, s->host[i].answers);
}

/* Does each of the @n hosts answer once, and nobody else?  Copies that come more than a
 * quarter of a second after the first are not known to be that; on a machine that is
 * busy this may happen, but not each time.
 */
static inline bool survey_once(const struct topo_host *from, const struct subnets *to,
			       const struct topo_host * const *hosts, unsigned int n)
{
	struct survey s;
	unsigned int i, try;

	for (try = 0; try < SURVEY_TRIES; try++) {
		survey_take(&s, from, to, hosts, n);
		for (i = 0; i < s.n && s.host[i].answers == 1; i++)
			;
		if (i == s.n && s.n == n && survey_answered(&s, hosts, n) == n)
			return true;
		survey_show(&s);
	}
	return false;
}

/* The next BRD on a wire, forgetting others.  False if none comes. */
static inline bool survey_hear(int wire, struct wire_frame *f)
{
	long long end = netns_now() + TOPO_PATIENCE;

	while (netns_now() < end)
		if (wire_recv(wire, f, 100) && wire_is_chaos(f) &&
		    f->bytes[WIRE_OP] == CHAOS_OP_BRD)
			return true;
	return false;
}

/* How many BRDs have come on a wire. */
static inline unsigned int survey_count(int wire)
{
	struct wire_frame f;
	unsigned int n = 0;

	while (wire_recv(wire, &f, 0))
		n += wire_is_chaos(&f) && f.bytes[WIRE_OP] == CHAOS_OP_BRD;
	return n;
}

/* A broadcast to subnets 1 to 3 from each end of a path of four hosts. */
static inline void survey_ends(struct topo_host * const path[4])
{
	static const struct subnets everywhere = { RANGE(1, 3) };
	const struct topo_host * const hosts[] = { path[0], path[1], path[2], path[3] };

	tap_ok(survey_once(path[0], &everywhere, hosts + 1, 3),
	       "a broadcast from %s: all answer once", path[0]->name);
	tap_ok(survey_once(path[3], &everywhere, hosts, 3),
	       "a broadcast from %s: all answer once", path[3]->name);
}

#endif /* SURVEY_H */
