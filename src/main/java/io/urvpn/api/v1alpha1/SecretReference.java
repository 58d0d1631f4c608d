package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** Names a Secret in the operator's namespace. */
public record SecretReference(
        @JsonPropertyDescription(
                "Name of a Secret in the operator's namespace. A node uses the key <node name>.conf, else the type's plain key (WireGuard: wg.conf, OpenVPN: client.ovpn); files that the configuration names are keys of the same Secret. 1 to 253 characters, a DNS subdomain. No default.")
        @Required
        @Size(min = 1, max = 253)
        @Pattern("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")
        String name) {}
