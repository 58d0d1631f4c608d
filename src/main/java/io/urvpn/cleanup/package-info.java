/**
 * The logic of a cleanup, pure: the id of an operation, what is to be done next for one attachment that is being
 * detached, the instants of its verifications, and the summing up over nodes. Time comes in as a value.
 */
package io.urvpn.cleanup;
