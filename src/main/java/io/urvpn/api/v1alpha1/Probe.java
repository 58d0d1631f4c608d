package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** An address that is asked, through the tunnel, whether it answers: by an ICMP echo (RFC 792, RFC 4443). */
@ValidationRule(
        value = "isIP(self.address)",
        message = "must be an IPv4 or IPv6 address, such as 10.20.0.1",
        fieldPath = ".address")
public record Probe(
        @JsonPropertyDescription(
                "Address behind the tunnel, IPv4 or IPv6, that answers pings. At most 39 characters. No default.")
        @Required
        @Size(min = 1, max = 39)
        String address,

        @JsonPropertyDescription(
                "From one ping to the next, in seconds; three in a row without an answer count as away, the first answer as back. Default: 10. Range: 1 to 3600.")
        @Default("10")
        @Min(1)
        @Max(3600)
        Integer intervalSeconds) {}
