// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <sys/socket.h>

#include "peer.h"
#include "words.h"

/**
 * peer_name() - tell members apart, for people
 * @fd: a connected socket
 * @name: returned: the process, or the address on TCP
 * @size: of @name
 */
void peer_name(int fd, char *name, size_t size)
{
	struct sockaddr_storage addr = {};
	socklen_t len = sizeof(addr);
	char text[WORD_ENDPOINT_LEN];
	struct ucred cred;

	if (getpeername(fd, (struct sockaddr *)&addr, &len)) {
		snprintf(name, size, "somebody");
		return;
	}
	len = sizeof(cred);
	if (addr.ss_family != AF_UNIX)
		snprintf(name, size, "%s", address_format(&addr, text));
	else if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len))
		snprintf(name, size, "somebody");
	else
		snprintf(name, size, "process %d of user %u", cred.pid, cred.uid);
}
