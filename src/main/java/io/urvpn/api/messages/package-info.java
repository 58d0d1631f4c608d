/** Shapes of the older manager that more than one program of ours sends. */
package io.urvpn.api.messages;
