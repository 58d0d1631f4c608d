package io.urvpn.host;

import java.util.OptionalInt;

/**
 * A network interface.
 *
 * @param index the kernel's index, never given twice within one boot's lifetime of a namespace until it wraps
 * @param name at most 15 characters
 * @param kind the kernel's kind (IFLA_INFO_KIND) such as {@code tun} or {@code wireguard}; empty where it has none
 * @param alias the alias (IFLA_IFALIAS); empty where none is set
 * @param mtu in bytes
 * @param up administratively up (IFF_UP)
 * @param master index of the bridge or bond it belongs to
 */
public record Link(int index, String name, String kind, String alias, int mtu, boolean up, OptionalInt master) {}
