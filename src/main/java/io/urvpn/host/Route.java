package io.urvpn.host;

import io.urvpn.api.v1alpha1.IpPrefix;
import java.util.OptionalInt;

/**
 * A route through a link.
 *
 * @param table routing table
 * @param destination network; a prefix length of 0 is the default route of its family
 * @param protocol who set it (rtm_protocol of linux/rtnetlink.h)
 * @param metric priority (RTA_PRIORITY); IPv4 routes without one have 0, IPv6 ones 1024
 * @param linkIndex the link it leaves by; empty for routes that have none or several, and for those that lead nowhere
 * @param type RTN_UNICAST (1) and the other types of linux/rtnetlink.h
 */
public record Route(int table, IpPrefix destination, int protocol, int metric, OptionalInt linkIndex, int type) {}
