/** The ur-vpn operator. */
package io.urvpn;
