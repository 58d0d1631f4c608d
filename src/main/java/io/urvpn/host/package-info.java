/**
 * The ports to a node: links, routes, rules, processes, packet filter, IPsec, tracked connections, files, the machine. What
 * reads never changes anything; what changes anything says what really happened, so that a caller can tell "removed" from
 * "was not there".
 */
package io.urvpn.host;
