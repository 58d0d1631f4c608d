/** What each type of VPN owns on a node, and the parsers of their configurations. Pure. */
package io.urvpn.tunnel;
