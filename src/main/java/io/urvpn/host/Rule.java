package io.urvpn.host;

import io.urvpn.api.v1alpha1.IpPrefix;
import java.util.Optional;

/**
 * A policy rule that looks a table up.
 *
 * @param v6 family
 * @param priority the lower one is asked first (FRA_PRIORITY)
 * @param table table that is looked up (FRA_TABLE)
 * @param protocol who set it (FRA_PROTOCOL)
 * @param from source; empty is any
 * @param to destination; empty is any
 * @param fwmark firewall mark with the full mask; empty is any
 * @param others a rendering of every further selector or action (iif, oif, tos, ports, goto ...), empty where it has
 *     none; ours never have any
 */
public record Rule(
        boolean v6,
        int priority,
        int table,
        int protocol,
        Optional<IpPrefix> from,
        Optional<IpPrefix> to,
        Optional<Long> fwmark,
        String others) {}
