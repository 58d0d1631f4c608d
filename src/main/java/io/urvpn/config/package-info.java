/** Typed configuration of the operator and the agent. */
package io.urvpn.config;
