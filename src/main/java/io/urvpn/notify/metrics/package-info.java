/** What Prometheus is told: which metrics there are, how they are counted, and what is computed when they are asked for. */
package io.urvpn.notify.metrics;
