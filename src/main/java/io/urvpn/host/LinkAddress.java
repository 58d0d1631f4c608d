package io.urvpn.host;

import io.urvpn.api.v1alpha1.IpPrefix;

/**
 * An address of a link.
 *
 * @param linkIndex index of the link
 * @param address with its prefix length
 */
public record LinkAddress(int linkIndex, IpPrefix address) {}
