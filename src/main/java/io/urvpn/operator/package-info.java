/**
 * The operator: reconcilers for {@code VpnInstance} and {@code VpnCleanup} and what they create. A reconciler is a list
 * of phases over one scope: it gathers first, decides purely, acts, and writes status once at the end.
 */
package io.urvpn.operator;
