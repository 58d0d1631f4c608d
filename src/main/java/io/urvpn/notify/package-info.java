/** What the operator tells people and programs: the older manager's two messages. */
package io.urvpn.notify;
