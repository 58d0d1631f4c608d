/*
 * Preloaded into charon where it encrypts by itself (strongSwan's plugin kernel-libipsec). That plugin sets a route for
 * each policy, whatever is configured, refuses a policy for which it finds no address on the node, and brings its
 * interface up. On a node all of that is the agent's. So for this one process:
 *
 *   - what would change addresses, routes and rules is answered as done, and not done: the kernel acknowledges a message
 *     of the type NLMSG_NOOP without doing anything (netlink_rcv_skb() in net/netlink/af_netlink.c);
 *   - the interface gets the name in URVPN_INTERFACE, is a new one or none (IFF_TUN_EXCL), and stays down;
 *   - a policy without an address on the node is taken: the plugin does that for networks within 224.0.0.0/4 and
 *     ff00::/8, which it asks libstrongswan for by these words, and gets wider ones.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <linux/if_tun.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define NEXT(name) ((typeof(&name))dlsym(RTLD_NEXT, #name))

static int changes_node(uint16_t type)
{
	switch (type) {
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
	case RTM_NEWRULE:
	case RTM_DELRULE:
	case RTM_NEWADDR:
	case RTM_DELADDR:
		return 1;
	default:
		return 0;
	}
}

static int is_route_netlink(int fd)
{
	int domain = -1, protocol = -1;
	socklen_t length = sizeof(int);

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) == 0 && domain == AF_NETLINK &&
	       getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &length) == 0 && protocol == NETLINK_ROUTE;
}

ssize_t sendto(int fd, const void *message, size_t length, int flags, const struct sockaddr *to, socklen_t to_length)
{
	struct nlmsghdr ask;

	if (length < sizeof(ask) || !to || to->sa_family != AF_NETLINK || !is_route_netlink(fd))
		return NEXT(sendto)(fd, message, length, flags, to, to_length);
	memcpy(&ask, message, sizeof(ask));
	if (!changes_node(ask.nlmsg_type))
		return NEXT(sendto)(fd, message, length, flags, to, to_length);
	ask.nlmsg_type = NLMSG_NOOP;
	ask.nlmsg_len = sizeof(ask);
	return NEXT(sendto)(fd, &ask, sizeof(ask), flags, to, to_length) < 0 ? -1 : (ssize_t)length;
}

int ioctl(int fd, unsigned long request, ...)
{
	const char *name = getenv("URVPN_INTERFACE");
	struct ifreq *link;
	va_list arguments;

	va_start(arguments, request);
	link = va_arg(arguments, struct ifreq *);
	va_end(arguments);
	if (name && request == TUNSETIFF) {
		memset(link->ifr_name, 0, IFNAMSIZ);
		memcpy(link->ifr_name, name, strnlen(name, IFNAMSIZ - 1));
		link->ifr_flags |= IFF_TUN_EXCL;
	}
	if (name && request == SIOCSIFFLAGS && strncmp(link->ifr_name, name, IFNAMSIZ) == 0)
		return 0;
	return NEXT(ioctl)(fd, request, link);
}

/* Of libstrongswan. */
void *traffic_selector_create_from_cidr(char *network, uint8_t protocol, uint16_t from_port, uint16_t to_port)
{
	if (strcmp(network, "224.0.0.0/4") == 0)
		network = "0.0.0.0/0";
	else if (strcmp(network, "ff00::/8") == 0)
		network = "::/0";
	return NEXT(traffic_selector_create_from_cidr)(network, protocol, from_port, to_port);
}
