package io.urvpn.host;

/**
 * The mark of a policy or state (struct xfrm_mark): it is for packets whose mark, under the mask, is the value.
 *
 * @param value 32 bits, unsigned
 * @param mask 32 bits, unsigned
 */
public record XfrmMark(long value, long mask) {}
