package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** A policy rule (ip-rule(8)) that sends traffic to the instance's routing table. At least one selector is set. */
@ValidationRule(
        value = "has(self.from) || has(self.to) || has(self.fwmark)",
        message = "must set at least one of from, to and fwmark")
@ValidationRule(
        value = "!has(self.from) || (isCIDR(self.from) && cidr(self.from) == cidr(self.from).masked())",
        message = "must be a network in CIDR notation without host bits, such as 10.20.0.0/16 or fd00:20::/64",
        fieldPath = ".from")
@ValidationRule(
        value = "!has(self.to) || (isCIDR(self.to) && cidr(self.to) == cidr(self.to).masked())",
        message = "must be a network in CIDR notation without host bits, such as 10.20.0.0/16 or fd00:20::/64",
        fieldPath = ".to")
@ValidationRule(
        value =
                "!has(self.from) || !has(self.to) || !isCIDR(self.from) || !isCIDR(self.to) || cidr(self.from).ip().family() == cidr(self.to).ip().family()",
        message = "from and to must be of one address family")
public record TunnelRule(
        @JsonPropertyDescription(
                "Source network, in CIDR notation without host bits. At most 43 characters. Default: any source.")
        @Size(min = 1, max = 43)
        String from,

        @JsonPropertyDescription(
                "Destination network, in CIDR notation without host bits. At most 43 characters. Default: any destination.")
        @Size(min = 1, max = 43)
        String to,

        @JsonPropertyDescription(
                "Firewall mark that the packet carries. A rule with neither from nor to is set for IPv4 and IPv6. Default: any mark. Range: 1 to 4294967295.")
        @Min(1)
        @Max(4294967295L)
        Long fwmark) {}
