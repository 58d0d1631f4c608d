/**
 * The agent of a node: it observes, decides by pure differences, acts, observes again and reports. It has one loop for
 * each attachment of its node; a journal on the node's disk says what was done there before it is done, so that a crash
 * at any moment leaves nothing that could not be found again.
 *
 * <p>{@link io.urvpn.agent.Agent} is the entry; nothing here is a bean.
 */
package io.urvpn.agent;
