/**
 * A node in memory: a small operating system that is set up from text and rendered as text, so that a test reads as the
 * node's state before and after. {@link io.urvpn.fake.FakeHost} has the grammar.
 */
package io.urvpn.fake;
