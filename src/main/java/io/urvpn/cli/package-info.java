/** The kubectl plugin. It talks to the API server alone, as the user whose kubeconfig it reads. */
package io.urvpn.cli;
