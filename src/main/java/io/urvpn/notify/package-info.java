/** What the operator tells people and programs: the older manager's message at the end of an operation. */
package io.urvpn.notify;
