/**
 * The ports of {@link io.urvpn.host} on Linux: netlink by Java's foreign function interface, /proc, pidfd, nft(8), WireGuard's
 * user-space interface, files. The only package with native calls.
 *
 * <p>Netlink is layered so that each part can be tested without the others: {@link io.urvpn.host.linux.NetlinkMessage},
 * {@link io.urvpn.host.linux.NetlinkRequest} and {@link io.urvpn.host.linux.Attributes} are the bytes; {@code ...Messages} say what they mean;
 * {@link io.urvpn.host.linux.Netlink} holds a conversation over a {@link io.urvpn.host.linux.NetlinkTransport}, of which
 * {@link io.urvpn.host.linux.NetlinkSocket} is the real one.
 */
package io.urvpn.host.linux;
