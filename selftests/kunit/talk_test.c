// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two engines and a network between them: everything arrives once and in order,
 * without loss nothing waits for a timer, with loss nothing waits for long.
 */

#include <kunit/test.h>
#include <linux/minmax.h>

#include "talk.h"

unsigned int rounds = 1;
module_param(rounds, uint, 0444);
MODULE_PARM_DESC(rounds, "Tests with randomness do so many times as much");

/*
 * The program on the host does everything; in an emulated kernel with KASAN and
 * kmemleak that would take an hour.
 */
#ifdef __KERNEL__
#define EFFORT	40
#else
#define EFFORT	1000
#endif

unsigned int effort = EFFORT;
module_param(effort, uint, 0444);
MODULE_PARM_DESC(effort, "Long tests do so many thousandths of what there is to do");

unsigned int seed = 1;
module_param(seed, uint, 0444);
MODULE_PARM_DESC(seed, "Another one makes other random numbers");

static struct talk *talk_new(struct kunit *test)
{
	struct talk *talk = kunit_kzalloc(test, sizeof(*talk), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, talk);
	return talk;
}

/* Is this one of the combinations to try?  Those that are, are spread evenly. */
static bool chosen(void)
{
	static unsigned int sum;

	sum += min(effort, 1000u);
	if (sum < 1000)
		return false;
	sum -= 1000;
	return true;
}

static void begin(struct talk *talk, const struct talk_plan *plan)
{
	memset(talk, 0, sizeof(*talk));
	talk_init(talk, plan);
}

/*
 * No rule was broken; an honest peer never exceeds a window, as far as it can know
 * it: if an STS that tells a smaller one is lost, later acknowledgments mislead it.
 */
static void end(struct kunit *test, struct talk *talk)
{
	talk_fini(talk);
	KUNIT_EXPECT_STREQ(test, talk->broken ?: "", "");
	if (talk->plan.window_change && (talk->plan.drop || talk->plan.late))
		return;
	KUNIT_EXPECT_EQ(test, talk_ncp(talk, 0)->count.beyond_window, 0);
	KUNIT_EXPECT_EQ(test, talk_ncp(talk, 1)->count.beyond_window, 0);
}

static u64 both_retrans(struct talk *talk)
{
	return talk_ncp(talk, 0)->count.retrans + talk_ncp(talk, 1)->count.retrans;
}

/*
 * Without loss.
 */

struct line {
	const char *name;
	u32 delay, packet_time;
	u16 max_window;		/* of a size that fits the line */
};

static const struct line lines[] = {
	{ "one machine", 1, 0, 1024 },
	{ "gigabit Ethernet", 50, 5, 1024 },
	{ "10 Mbit/s Ethernet", 100, 400, 128 },
	{ "1 Mbit/s", 500, 4000, 50 },
	{ "100 kbit/s", 1000, 40000, 5 },
	{ "10 ms", 5000, 10, 1024 },
	{ "50 ms", 25 * NCP_MS, 10, 1024 },
	{ "100 ms, 10 Mbit/s", 50 * NCP_MS, 400, 128 },
	{ "200 ms", 100 * NCP_MS, 0, 1024 },
	{ "300 ms", 150 * NCP_MS, 10, 1024 },
	{ "400 ms, 10 Mbit/s", 200 * NCP_MS, 400, 128 },
};

static void line_desc(const struct line *line, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s", line->name);
}

KUNIT_ARRAY_PARAM(line, lines, line_desc);

static const u16 windows[] = { 1, 2, 3, 5, 13, 50, 128, 1024 };
static const u32 read_times[] = { 0, 100, 5000 };

/* Return: how long it took. */
static u64 transfer(struct kunit *test, struct talk *talk, const struct talk_plan *plan,
		    bool timers)
{
	u64 time;

	begin(talk, plan);
	talk->timers = timers;
	KUNIT_EXPECT_TRUE_MSG(test, talk_run(talk, talk_all_read, 10000 * NCP_SEC),
			      "window %u, both ways %u: stuck%s", plan->window[0],
			      !!plan->packets[1], timers ? "" : " without timer");
	time = talk->now - EP_START;
	KUNIT_EXPECT_EQ_MSG(test, both_retrans(talk), 0, "window %u, read every %u us",
			    plan->window[0], plan->read_every);
	KUNIT_EXPECT_EQ(test, talk_ncp(talk, 0)->count.dups + talk_ncp(talk, 1)->count.dups, 0);
	end(test, talk);
	return time;
}

/*
 * It works without any timer event, and timers do not make it slower.  What they
 * may cost is the time on the line for STS, and SNS while the round trip is not
 * known.
 */
static void check_lossless(struct kunit *test, struct talk *talk, const struct talk_plan *plan)
{
	u64 without = transfer(test, talk, plan, false);
	u64 with = transfer(test, talk, plan, true);

	KUNIT_EXPECT_LE_MSG(test, with, without + without / 20,
			    "window %u, read every %u us, both ways %u", plan->window[0],
			    plan->read_every, !!plan->packets[1]);
	/* A peer that reads at once need not be asked. */
	if (!plan->read_every && plan->delay <= 100 * NCP_MS && plan->packet_time < 4000)
		KUNIT_EXPECT_EQ_MSG(test, talk->questions, 0, "window %u", plan->window[0]);
}

static void test_lossless(struct kunit *test)
{
	const struct line *line = test->param_value;
	struct talk *talk = talk_new(test);
	unsigned int w, r, both;

	for (w = 0; w < ARRAY_SIZE(windows) && windows[w] <= line->max_window; w++) {
		for (r = 0; r < ARRAY_SIZE(read_times); r++) {
			for (both = 0; both < 2; both++) {
				const struct talk_plan plan = {
					.packets = { 400, both ? 400 : 0 },
					.window = { windows[w], windows[w] },
					.eof_every = 100,
					.queue = 64,
					.read_every = read_times[r],
					.delay = line->delay,
					.packet_time = line->packet_time,
					.number = { 0xff80, 0x7fff },
				};

				if (chosen())
					check_lossless(test, talk, &plan);
			}
		}
	}
}

/* Packets that take different times, without overtaking, make no difference. */
static void test_jitter(struct kunit *test)
{
	struct talk *talk = talk_new(test);
	u32 jitter;

	for (jitter = 10; jitter <= 100 * NCP_MS; jitter *= 10) {
		const struct talk_plan plan = {
			.packets = { some_of(5000), some_of(3000) },
			.window = { 13, 64 }, .queue = 64,
			.delay = 1000, .jitter = jitter, .packet_time = 10, .seed = jitter,
		};

		transfer(test, talk, &plan, true);
	}
}

/*
 * The time is that of the way there and back, for every window full.  A reader
 * that keeps up acknowledges in portions of a third of the window, rounded up, or of
 * NCP_ACK_EVERY; a rest of a portion stays out.
 */
static void test_exact_time(struct kunit *test)
{
	struct talk *talk = talk_new(test);
	unsigned int w;

	for (w = 0; w < ARRAY_SIZE(windows); w++) {
		const u32 window = windows[w];
		const u32 portion = min(window / 3 + 1, (u32)NCP_ACK_EVERY);
		const u32 packets = some_of(5000), delay = 700;
		const u32 per_trip = window / portion * portion;
		const u32 more = packets > window ? packets - window : 0;
		const u32 trips = (more + per_trip - 1) / per_trip;
		const struct talk_plan plan = {
			.packets = { packets }, .window = { window, window },
			.queue = NCP_WINDOW_MAX, .delay = delay,
		};

		/* RFC, OPN, the first window, and once more there and back for each. */
		KUNIT_EXPECT_EQ_MSG(test, transfer(test, talk, &plan, true),
				    (u64)(3 + 2 * trips) * delay, "window %u", window);
	}
}

/* EOF, its STS, CLS: no timer needed either. */
static void test_close_time(struct kunit *test)
{
	struct talk *talk = talk_new(test);
	unsigned int w;
	u64 before;

	for (w = 0; w < ARRAY_SIZE(windows); w++) {
		const struct talk_plan plan = {
			.packets = { some_of(500), some_of(100) },
			.window = { windows[w], windows[w] }, .queue = 64, .delay = 700,
		};

		begin(talk, &plan);
		talk->timers = false;
		KUNIT_EXPECT_TRUE(test, talk_run(talk, talk_all_read, 100 * NCP_SEC));
		before = talk->now;
		talk_close(talk, 0);
		KUNIT_EXPECT_TRUE(test, talk_run(talk, talk_ended, 10 * NCP_SEC));
		KUNIT_EXPECT_EQ(test, talk_ncp(talk, 1)->end, NCP_END_CLEAN);
		/* The EOF may first have to wait for the window. */
		KUNIT_EXPECT_LE(test, talk->now - before, 4 * plan.delay);
		KUNIT_EXPECT_EQ(test, both_retrans(talk), 0);
		end(test, talk);
	}
}

/* A user that only throws away what comes does not hold up the other one. */
static void test_close_early_time(struct kunit *test)
{
	const struct talk_plan plan = {
		.packets = { 400, 2000 }, .window = { 13, 13 }, .queue = 64,
		.delay = 100, .read_every = 50,
	};
	struct talk *talk = talk_new(test);
	u64 before;

	begin(talk, &plan);
	talk->timers = false;
	while (talk->user[0].sent < 300 && talk_step(talk))
		;
	before = talk->now;
	talk_close(talk, 0);
	KUNIT_EXPECT_TRUE(test, talk_run(talk, talk_ended, 10 * NCP_SEC));
	KUNIT_EXPECT_EQ(test, talk->user[1].arrived, talk->user[0].sent);
	KUNIT_EXPECT_LE(test, talk->now - before, 30 * NCP_MS);
	end(test, talk);
}

/*
 * With loss, one packet at a time: every single one of a conversation is lost
 * once, and every two of them.
 */

struct losses {
	u64 first, second;	/* which packets, counting from 1 */
};

static bool lose_these(struct talk *talk, int from, const struct chaos_hdr *hdr)
{
	const struct losses *losses = talk->lose_arg;

	return talk->transmitted == losses->first || talk->transmitted == losses->second;
}

static bool user_done(const struct talk *talk)
{
	return talk_all_read(talk) && !ncp_alive(&talk->user[0].ep.ncp);
}

/* A conversation, and the user closes. */
static u64 converse(struct kunit *test, struct talk *talk, struct losses *losses)
{
	static const struct talk_plan plan = {
		.packets = { 12, 9 }, .window = { 5, 4 }, .eof_every = 6, .queue = 64,
		.delay = 100, .packet_time = 10, .number = { 0xfffa, 0xfff8 },
	};

	begin(talk, &plan);
	talk->lose = lose_these;
	talk->lose_arg = losses;
	KUNIT_EXPECT_TRUE(test, talk_run(talk, talk_all_read, 20 * NCP_SEC));
	talk_close(talk, 0);
	KUNIT_EXPECT_TRUE(test, talk_run(talk, user_done, 20 * NCP_SEC));
	end(test, talk);
	return talk->now - EP_START;
}

static void test_lose_one(struct kunit *test)
{
	struct losses losses = { 0, 0 };
	struct talk *talk = talk_new(test);
	u64 best = converse(test, talk, &losses);
	u64 packets = talk->transmitted;

	for (losses.first = 1; losses.first <= packets; losses.first++)
		KUNIT_EXPECT_LE_MSG(test, converse(test, talk, &losses),
				    best + NCP_RTO_START + 2 * NCP_TICK,
				    "packet %llu is lost", losses.first);
}

static void test_lose_two(struct kunit *test)
{
	struct losses losses = { 0, 0 };
	struct talk *talk = talk_new(test);
	u64 best = converse(test, talk, &losses);
	u64 packets = talk->transmitted + 10;

	for (losses.first = 1; losses.first < packets; losses.first++) {
		for (losses.second = losses.first + 1; losses.second <= packets; losses.second++) {
			if (!chosen())
				continue;
			KUNIT_EXPECT_LE_MSG(test, converse(test, talk, &losses),
					    best + 3 * NCP_RTO_START + 2 * NCP_TICK,
					    "packets %llu and %llu are lost", losses.first,
					    losses.second);
		}
	}
}

/* One in so many data packets is lost when it goes for the first time. */
struct hail {
	u32 one_in, lost;
	u16 last;
};

static bool lose_new(struct talk *talk, int from, const struct chaos_hdr *hdr)
{
	struct hail *hail = talk->lose_arg;

	if (hdr->op != CHAOS_OP_DAT || !chaos_num_after(hdr->num, hail->last))
		return false;
	hail->last = hdr->num;
	if (hdr->num % hail->one_in)
		return false;
	hail->lost++;
	return true;
}

/* More than an STS can tell of, or few: hardly anything else is sent again, and without a
 * timeout.
 */
static void test_lose_many(struct kunit *test)
{
	static const u32 some[] = { 2, 3, 5, 10, 25, 50 };
	static const struct talk_plan plan = {
		.packets = { 2000, 0 }, .window = { 128, 128 }, .queue = 200,
		.delay = 5 * NCP_MS, .packet_time = 10, .number = { 0xfc00, 0 },
	};
	struct talk *talk = talk_new(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(some); i++) {
		struct hail hail = { .one_in = some[i], .last = plan.number[0] };

		begin(talk, &plan);
		talk->lose = lose_new;
		talk->lose_arg = &hail;
		KUNIT_EXPECT_TRUE(test, talk_run(talk, talk_all_acked, 60 * NCP_SEC));
		KUNIT_EXPECT_LE_MSG(test, both_retrans(talk), hail.lost + 3, "one in %u", some[i]);
		KUNIT_EXPECT_LE_MSG(test, talk->longest_wait, NCP_RTO_MIN, "one in %u", some[i]);
		end(test, talk);
	}
}

/*
 * Packets that usually take next to no time are late, or come twice.  Each makes an STS; if
 * an STS made more than one packet, as if all of them were lost again, it would never end.
 */
static void test_flood(struct kunit *test)
{
	static const u64 seeds[] = { 8, 32, 71 };	/* with which that has happened */
	struct talk *talk = talk_new(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(seeds); i++) {
		const struct talk_plan plan = {
			.packets = { 4000, 0 }, .window = { 1024, 1024 }, .queue = 56,
			.delay = 1, .jitter = 1, .packet_time = 20, .read_every = 20,
			.drop = 200, .dup = 200, .late = 200, .late_by = 20000,
			.number = { 0xff00, 0xfff0 }, .seed = seeds[i],
		};

		begin(talk, &plan);
		KUNIT_EXPECT_TRUE(test, talk_run(talk, talk_all_read, 1000 * NCP_SEC));
		KUNIT_EXPECT_LE(test, talk->transmitted, 8 * plan.packets[0]);
		end(test, talk);
	}
}

/* All are lost for a while, beginning at any packet. */
static bool lose_all(struct talk *talk, int from, const struct chaos_hdr *hdr)
{
	struct losses *losses = talk->lose_arg;

	if (talk->transmitted == losses->first)
		losses->second = talk->now + 3 * NCP_SEC;
	return talk->now < losses->second;
}

static void test_interruption(struct kunit *test)
{
	static const struct talk_plan plan = {
		.packets = { 300, 200 }, .window = { 13, 13 }, .queue = 64,
		.delay = 100, .packet_time = 10,
	};
	struct talk *talk = talk_new(test);
	struct losses losses;
	u64 first;

	for (first = 1; first < 700; first += 7) {
		if (!chosen())
			continue;
		losses.first = first;
		losses.second = 0;
		begin(talk, &plan);
		talk->lose = lose_all;
		talk->lose_arg = &losses;
		KUNIT_EXPECT_TRUE(test, talk_run(talk, talk_all_acked, 20 * NCP_SEC));
		/* The longest back-off after it. */
		KUNIT_EXPECT_LE(test, talk->longest_wait, 3 * NCP_SEC + NCP_RTO_MAX + NCP_SEC);
		end(test, talk);
	}
}

/*
 * With loss, at random.
 */

struct weather {
	const char *name;
	u32 drop, dup, late, late_by;
	u64 longest_wait;	/* for new data */
	u32 packets_per_data;	/* on the network, STS and all */
	u32 packets;		/* of data, in each round */
};

static const struct weather weathers[] = {
	{ "fine", 0, 0, 0, 0, 200 * NCP_MS, 3, 50000 },
	{ "duplicates", 0, 50, 0, 0, 300 * NCP_MS, 3, 30000 },
	{ "reordering", 0, 0, 50, 2000, 1 * NCP_SEC, 4, 30000 },
	{ "heavy reordering", 0, 0, 500, 50000, 1 * NCP_SEC, 4, 15000 },
	{ "0.1 % loss", 1, 0, 0, 0, 4 * NCP_SEC, 4, 50000 },
	{ "1 % loss", 10, 0, 0, 0, 6 * NCP_SEC, 4, 30000 },
	{ "5 % loss", 50, 0, 0, 0, 10 * NCP_SEC, 4, 20000 },
	{ "20 % loss", 200, 0, 0, 0, 40 * NCP_SEC, 6, 10000 },
	{ "5 % of everything", 50, 50, 50, 5000, 10 * NCP_SEC, 5, 20000 },
	{ "20 % of everything", 200, 200, 200, 20000, 40 * NCP_SEC, 7, 10000 },
};

static void weather_desc(const struct weather *weather, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s", weather->name);
}

KUNIT_ARRAY_PARAM(weather, weathers, weather_desc);

/* A network and two users of random habits. */
static struct talk_plan random_plan(struct random *random, const struct weather *weather,
				    u32 packets)
{
	static const u16 some_windows[] = { 1, 2, 4, 5, 13, 13, 50, 128, 1024 };
	static const u32 delays[] = { 1, 50, 50, 1000, 10000, 40000 };
	static const u32 times[] = { 0, 0, 0, 20, 1000 };
	struct talk_plan plan = {
		.packets = { 1 + random_below(random, packets), random_below(random, packets) },
		.queue = 1 + random_below(random, 200),
		.drop = weather->drop, .dup = weather->dup,
		.late = weather->late, .late_by = weather->late_by,
		.seed = random_next(random),
	};
	int side;

	for (side = 0; side < 2; side++) {
		plan.window[side] = some_windows[random_below(random, ARRAY_SIZE(some_windows))];
		plan.number[side] = random_next(random);
	}
	plan.delay = delays[random_below(random, ARRAY_SIZE(delays))];
	plan.jitter = random_below(random, 3) ? 0 : random_below(random, 2 * plan.delay);
	plan.packet_time = random_below(random, 50);
	plan.spare = random_below(random, 3);
	plan.read_every = times[random_below(random, ARRAY_SIZE(times))];
	plan.write_every = times[random_below(random, ARRAY_SIZE(times))];
	plan.eof_every = random_below(random, 2) ? 0 : 1 + random_below(random, 100);
	plan.window_change = random_below(random, 4) ? 0 : 10;
	return plan;
}

/* What to say with a failure. */
#define PLAN "holds %x, windows %u %u, delay %u + %u, packet %u, read %u, write %u, queue %u, seed %llu"
#define PLAN_ARGS(plan)							\
	(plan)->holds, (plan)->window[0], (plan)->window[1],			\
	(plan)->delay, (plan)->jitter,						\
	(plan)->packet_time, (plan)->read_every, (plan)->write_every,		\
	(plan)->queue, (plan)->seed

/* One closes; the other gets all that was sent, and learns of the end. */
static bool close_one(struct kunit *test, struct talk *talk, int side)
{
	const struct ncp *closing = talk_ncp(talk, side), *other = talk_ncp(talk, !side);
	bool ended;

	talk_close(talk, side);
	ended = talk_run(talk, talk_ended, NCP_TIMEOUT + NCP_CLOSE_TIMEOUT);
	KUNIT_EXPECT_TRUE_MSG(test, ended, "no end; " PLAN, PLAN_ARGS(&talk->plan));
	KUNIT_EXPECT_EQ_MSG(test, talk->user[!side].arrived, talk->user[side].sent, PLAN,
			    PLAN_ARGS(&talk->plan));
	KUNIT_EXPECT_EQ_MSG(test, closing->end, NCP_END_LOCAL, PLAN, PLAN_ARGS(&talk->plan));
	/* If the CLS is lost or late, LOS tells. */
	if ((talk->plan.drop || talk->plan.late) && other->end == NCP_END_LOST)
		return ended;
	KUNIT_EXPECT_EQ_MSG(test, other->end, NCP_END_CLEAN, PLAN, PLAN_ARGS(&talk->plan));
	return ended;
}

/*
 * For so long at most nothing new arrives.  When a window has shrunk, what the larger
 * one let in must be read first.
 */
static u64 longest_wait(const struct talk_plan *plan, const struct weather *weather)
{
	u64 wait = weather->longest_wait + 4 * (plan->delay + plan->jitter) + plan->write_every;

	if (plan->holds)
		wait += NCP_HOLD_TIME + NCP_STS_DELAY + 20 * plan->busy_for;
	if (plan->window_change)
		wait += 2ull * max(plan->window[0], plan->window[1]) * plan->read_every;
	return wait;
}

static bool random_talk(struct kunit *test, struct talk *talk, const struct weather *weather)
{
	const struct talk_plan *plan = &talk->plan;
	const u64 data = plan->packets[0] + plan->packets[1];
	const u64 wait = longest_wait(plan, weather);
	bool read;

	read = talk_run(talk, talk_all_read, 20000 * NCP_SEC);
	KUNIT_EXPECT_TRUE_MSG(test, read, "stuck; " PLAN, PLAN_ARGS(plan));
	if (!read)
		return false;
	KUNIT_EXPECT_LE_MSG(test, talk->longest_wait, wait, PLAN, PLAN_ARGS(plan));
	KUNIT_EXPECT_LE_MSG(test, talk->transmitted, weather->packets_per_data * data + 500,
			    PLAN, PLAN_ARGS(plan));
	return close_one(test, talk, plan->seed % 2);
}

static void test_weather(struct kunit *test)
{
	const struct weather *weather = test->param_value;
	struct talk *talk = talk_new(test);
	struct random random;
	bool ok = true;
	u64 data;

	random_seed(&random, seed);
	for (data = 0; ok && data < rounds * (u64)some_of(weather->packets);) {
		const struct talk_plan plan = random_plan(&random, weather, some_of(10000));

		data += plan.packets[0] + plan.packets[1];
		begin(talk, &plan);
		ok = random_talk(test, talk, weather) && !talk->broken;
		end(test, talk);
	}
}

/* The same with a stream: writes of any size join in all ways, and the link is busy. */
static struct talk_plan random_stream(struct random *random, const struct weather *weather,
				      u32 bytes)
{
	static const u32 busy[] = { 0, 20, 300 };
	struct talk_plan plan = random_plan(random, weather, bytes);

	plan.holds = 1 + random_below(random, (1 << NCP_HOLD_BUSY) - 1);
	plan.busy = busy[random_below(random, ARRAY_SIZE(busy))];
	plan.busy_for = 1 + random_below(random, 5000);
	plan.eof_every *= 1 + random_below(random, 100);
	return plan;
}

static void test_stream(struct kunit *test)
{
	const struct weather *weather = test->param_value;
	struct talk *talk = talk_new(test);
	struct random random;
	bool ok = true;
	u64 data;

	random_seed(&random, seed);
	for (data = 0; ok && data < rounds * 10ull * some_of(weather->packets);) {
		const struct talk_plan plan = random_stream(&random, weather, some_of(100000));

		data += plan.packets[0] + plan.packets[1];
		begin(talk, &plan);
		ok = random_talk(test, talk, weather) && !talk->broken;
		end(test, talk);
	}
}

/* A link that is busy now and then costs time only: nothing waits for a timer. */
static void test_busy(struct kunit *test)
{
	struct talk *talk = talk_new(test);
	unsigned int w;

	for (w = 0; w < ARRAY_SIZE(windows); w++) {
		const struct talk_plan plan = {
			.packets = { some_of(2000), some_of(1000) },
			.window = { windows[w], windows[w] },
			.queue = 64, .delay = 100, .busy = 200, .busy_for = 500,
		};

		transfer(test, talk, &plan, false);
		transfer(test, talk, &plan, true);
	}
}

/* How long it takes until all is read that is written in pieces of @size. */
static u64 write_pieces(struct kunit *test, struct talk *talk, u32 pieces, u32 size, u32 delay)
{
	const struct talk_plan plan = {
		.packets = { pieces * size }, .window = { 128, 128 }, .queue = 64,
		.holds = 1 << NCP_HOLD_PARTIAL, .write_size = size, .delay = delay,
	};
	u64 time;

	begin(talk, &plan);
	KUNIT_EXPECT_TRUE(test, talk_run(talk, talk_all_read, 100 * NCP_SEC));
	time = talk->now - EP_START;
	end(test, talk);
	return time;
}

/*
 * The last packet, not a full one, does not wait for a receipt that the peer delays, at
 * most for the round trip in which it could come, if the clock can tell that.
 */
static void check_pieces(struct kunit *test, struct talk *talk, u32 pieces, u32 size, u32 delay)
{
	/* From RFC to data, and for each window. */
	const u32 trips = 2 + pieces * size / CHAOS_DATA_MAX / 96;
	const u32 trip = 2 * delay;

	KUNIT_EXPECT_LE_MSG(test, write_pieces(test, talk, pieces, size, delay),
			    trips * trip + max(trip, (u32)NCP_TICK),
			    "%u times %u bytes, delay %u us", pieces, size, delay);
}

static void test_last_piece(struct kunit *test)
{
	static const u32 sizes[] = { 1, 100, 256, 300, 1024, 1400 };
	static const u32 pieces[] = { 2, 3, 10, 40, 300 };
	static const u32 delays[] = { 1, 50, 1000, 10000 };
	struct talk *talk = talk_new(test);
	unsigned int s, p, d;

	for (s = 0; s < ARRAY_SIZE(sizes); s++)
		for (p = 0; p < ARRAY_SIZE(pieces); p++)
			for (d = 0; d < ARRAY_SIZE(delays); d++)
				if (chosen())
					check_pieces(test, talk, pieces[p], sizes[s], delays[d]);
}

/* Small writes make few packets: full ones, and one more for each receipt, or when it
 * should have come.
 */
static void test_small_writes(struct kunit *test)
{
	const struct talk_plan plan = {
		.packets = { 50000 }, .window = { 128, 128 }, .queue = 64,
		.holds = 1 << NCP_HOLD_PARTIAL, .write_every = 1000, .delay = 5000,
	};
	struct talk *talk = talk_new(test);
	u64 time;

	begin(talk, &plan);
	KUNIT_EXPECT_TRUE(test, talk_run(talk, talk_all_read, 100 * NCP_SEC));
	time = talk->now - EP_START;
	KUNIT_EXPECT_LE(test, talk_ncp(talk, 0)->count.pkts_sent,
			50000 / CHAOS_DATA_MAX + time / max(2 * plan.delay, (u32)NCP_TICK) + 20);
	KUNIT_EXPECT_EQ(test, both_retrans(talk), 0);
	end(test, talk);
}

/* Closing while all is in motion: what was written before arrives. */
static void test_close_any_time(struct kunit *test)
{
	const struct weather *weather = &weathers[ARRAY_SIZE(weathers) - 2];
	struct talk *talk = talk_new(test);
	struct random random;
	unsigned int i;
	bool ok = true;
	u32 when;

	random_seed(&random, seed);
	for (i = 0; ok && i < rounds * max(some_of(100), 4u); i++) {
		const struct talk_plan plan = i % 4 < 2 ?
			random_plan(&random, weather, 300) :
			random_stream(&random, weather, 30000);
		int side = i % 2;

		begin(talk, &plan);
		when = random_below(&random, plan.packets[side] + 1);
		while ((talk_ncp(talk, side)->state != CHAOS_OPENED ||
			talk->user[side].sent < when) && talk_step(talk))
			;
		ok = close_one(test, talk, side) && !talk->broken;
		end(test, talk);
	}
}

static struct kunit_case talk_cases[] = {
	KUNIT_CASE_PARAM(test_lossless, line_gen_params),
	KUNIT_CASE(test_jitter),
	KUNIT_CASE(test_exact_time),
	KUNIT_CASE(test_close_time),
	KUNIT_CASE(test_close_early_time),
	KUNIT_CASE(test_lose_one),
	KUNIT_CASE(test_lose_two),
	KUNIT_CASE(test_lose_many),
	KUNIT_CASE(test_flood),
	KUNIT_CASE(test_interruption),
	KUNIT_CASE_PARAM(test_weather, weather_gen_params),
	KUNIT_CASE_PARAM(test_stream, weather_gen_params),
	KUNIT_CASE(test_busy),
	KUNIT_CASE(test_last_piece),
	KUNIT_CASE(test_small_writes),
	KUNIT_CASE(test_close_any_time),
	{}
};

static struct kunit_suite talk_suite = {
	.name = "chaos_ncp_talk",
	.test_cases = talk_cases,
};

kunit_test_suite(talk_suite);
