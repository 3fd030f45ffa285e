// SPDX-License-Identifier: GPL-2.0-or-later
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "socket.h"

#define VANISHED_MS	30000	/* nothing was acknowledged for so long */
#define IDLE_S		15	/* before the other end is asked whether it is there */
#define ASK_S		5
#define ASK_TIMES	3
#define NOT_SENT	(32 * 1024)

void socket_options(int fd)
{
	static const struct {
		int level, option, value;
	} options[] = {
		{ IPPROTO_TCP, TCP_NODELAY, 1 },
		{ IPPROTO_TCP, TCP_USER_TIMEOUT, VANISHED_MS },
		{ IPPROTO_TCP, TCP_KEEPIDLE, IDLE_S },
		{ IPPROTO_TCP, TCP_KEEPINTVL, ASK_S },
		{ IPPROTO_TCP, TCP_KEEPCNT, ASK_TIMES },
		{ IPPROTO_TCP, TCP_NOTSENT_LOWAT, NOT_SENT },
		{ SOL_SOCKET, SO_KEEPALIVE, 1 },
	};
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(*options); i++)
		setsockopt(fd, options[i].level, options[i].option, &options[i].value,
			   sizeof(options[i].value));
}

void socket_where(int fd, char where[WORD_ENDPOINT_LEN])
{
	struct sockaddr_storage addr = {};
	socklen_t len = sizeof(addr);

	if (getpeername(fd, (struct sockaddr *)&addr, &len))
		memset(&addr, 0, sizeof(addr));
	address_format(&addr, where);
}
