package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** A destination that is reached through the tunnel. */
@ValidationRule(
        value = "isCIDR(self.destination) && cidr(self.destination) == cidr(self.destination).masked()",
        message = "must be a network in CIDR notation without host bits, such as 10.20.0.0/16 or fd00:20::/64",
        fieldPath = ".destination")
public record TunnelRoute(
        @JsonPropertyDescription(
                "Network that is reached through the tunnel, in CIDR notation, IPv4 or IPv6, without host bits. At most 43 characters. No default.")
        @Required
        @Size(min = 1, max = 43)
        String destination,

        @JsonPropertyDescription(
                "Metric of the route, as in ip-route(8); the lower one wins. Default: 0 (the kernel shows 1024 for IPv6). Range: 0 to 2147483647.")
        @Default("0")
        @Min(0)
        @Max(Integer.MAX_VALUE)
        Integer metric) {}
