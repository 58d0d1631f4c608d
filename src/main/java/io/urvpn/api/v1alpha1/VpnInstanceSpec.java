package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import java.util.Map;

/** What a user wants of a tunnel. */
@ValidationRule(
        value = "self.type == oldSelf.type",
        message = "is immutable: create another VpnInstance",
        fieldPath = ".type")
@ValidationRule(
        value =
                "has(self.interfaceName) == has(oldSelf.interfaceName) && (!has(self.interfaceName) || self.interfaceName == oldSelf.interfaceName)",
        message = "is immutable: create another VpnInstance",
        fieldPath = ".interfaceName")
@ValidationRule(
        value = "!has(self.interfaceName) || !(self.interfaceName in ['lo', 'all', 'default'])",
        message = "lo, all and default are reserved by the kernel",
        fieldPath = ".interfaceName")
@ValidationRule(
        value = "!has(self.addresses) || self.addresses.all(a, isCIDR(a))",
        message = "each must be an address with its prefix length, such as 10.20.0.2/24 or fd00:20::2/64",
        fieldPath = ".addresses")
@ValidationRule(
        value = "self.nodeSelector.all(k, k.size() <= 317)",
        message = "a label's key has at most 317 characters",
        fieldPath = ".nodeSelector")
@ValidationRule(
        value =
                "!has(self.mtu) || self.mtu >= 1280 || ((!has(self.addresses) || self.addresses.all(a, !a.contains(':'))) && (!has(self.addressPool) || self.addressPool.all(p, !p.contains(':'))) && (!has(self.routes) || self.routes.all(r, !r.destination.contains(':'))))",
        message = "must be at least 1280 with an IPv6 address or route (RFC 8200)",
        fieldPath = ".mtu")
@ValidationRule(
        value =
                "(has(self.identity) ? self.identity : 'FromSecret') == (has(oldSelf.identity) ? oldSelf.identity : 'FromSecret')",
        message = "is immutable: create another VpnInstance",
        fieldPath = ".identity")
@ValidationRule(
        value = "!has(self.identity) || self.identity != 'GeneratePerNode' || self.type == 'WireGuard'",
        message = "GeneratePerNode is for type WireGuard only: the other types take their identity from the Secret",
        fieldPath = ".identity")
@ValidationRule(
        value =
                "(has(self.identity) && self.identity == 'GeneratePerNode') == (has(self.addressPool) && size(self.addressPool) > 0)",
        message = "addressPool is needed with identity GeneratePerNode, and goes with it only",
        fieldPath = ".addressPool")
@ValidationRule(
        value =
                "!has(self.identity) || self.identity != 'GeneratePerNode' || !has(self.addresses) || size(self.addresses) == 0",
        message = "with identity GeneratePerNode each node takes its address from addressPool; remove addresses",
        fieldPath = ".addresses")
@ValidationRule(
        value = "!has(self.addressPool) || self.addressPool.all(p, isCIDR(p) && cidr(p) == cidr(p).masked())",
        message = "each must be a network in CIDR notation without host bits, such as 10.20.0.0/24 or fd00:20::/64",
        fieldPath = ".addressPool")
@ValidationRule(
        value =
                "!has(self.addressPool) || (self.addressPool.filter(p, p.contains(':')).size() <= 1 && self.addressPool.filter(p, !p.contains(':')).size() <= 1)",
        message = "at most one network of IPv4 and one of IPv6",
        fieldPath = ".addressPool")
@RecordBuilder
public record VpnInstanceSpec(
        @JsonPropertyDescription("Type of the VPN: WireGuard, OpenVPN or IPsec. Immutable. No default.") @Required
        VpnType type,

        @JsonPropertyDescription(
                "Name of the network interface on each node. 1 to 15 characters: letters, digits, '_', '.', '-', the first a letter or digit. Immutable. Default: urv and the first 8 hex digits of the object's uid.")
        @Size(min = 1, max = 15)
        @Pattern("^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,14}$")
        String interfaceName,

        @JsonPropertyDescription("The Secret with the VPN's configuration. No default.") @Required
        SecretReference configSecretRef,

        @JsonPropertyDescription(
                "Labels that a node must have. {} selects every node and must be written. At most 32, each value at most 63 characters. No default.")
        @Required
        @Size(max = 32)
        Map<String, @Size(max = 63) String> nodeSelector,

        @JsonPropertyDescription(
                "Taints that are tolerated, beside those that every DaemonSet tolerates. At most 32. Default: none.")
        @Size(max = 32)
        List<TunnelToleration> tolerations,

        @JsonPropertyDescription(
                "Addresses of the interface with their prefix length, IPv4 and IPv6, at most 43 characters each. Without them each node takes what its configuration names (WireGuard: Address) or, with OpenVPN, what the peer gives. At most 16. Default: none.")
        @Size(max = 16)
        List<@Size(min = 1, max = 43) String> addresses,

        @JsonPropertyDescription("Destinations that are reached through the tunnel. At most 256. Default: none.")
        @Size(max = 256)
        List<TunnelRoute> routes,

        @JsonPropertyDescription(
                "Policy rules that select the traffic for the instance's routing table. At most 64. Default: one for each address family that has a route, selecting all traffic; what no route matches goes on as before.")
        @Size(max = 64)
        List<TunnelRule> rules,

        @JsonPropertyDescription(
                "Give what leaves by the tunnel the interface's address, so that pods can use the tunnel. Default: false.")
        Boolean masquerade,

        @JsonPropertyDescription(
                "Drop traffic for the instance's routes while the tunnel is down, instead of letting it leave by another way. Default: false.")
        Boolean killSwitch,

        @JsonPropertyDescription(
                "An address behind the tunnel that must answer for the tunnel to be Ready. Default: none; the tunnel's own state decides.")
        Probe probe,

        @JsonPropertyDescription(
                "Where a node's identity comes from: FromSecret takes the key in the Secret; GeneratePerNode, with WireGuard only, makes one on each node, which it never leaves, and needs addressPool. Immutable. Default: FromSecret.")
        IdentitySource identity,

        @JsonPropertyDescription(
                "Networks in CIDR notation of which each node gets an address of its own with GeneratePerNode: at most 2, one of IPv4 and one of IPv6, at most 43 characters each. The network's first address, and with IPv4 the last, are given to none. Default: none.")
        @Size(max = 2)
        List<@Size(min = 1, max = 43) String> addressPool,

        @JsonPropertyDescription(
                "Largest packet in bytes that the interface takes. Default: what the configuration names, else the type's own, for WireGuard 1420, for OpenVPN 1500. Range: 576 to 65535; from 1280 on with IPv6.")
        @Min(576)
        @Max(65535)
        Integer mtu,

        @JsonPropertyDescription("Resources of the VPN's container.")
        TunnelResources resources,

        @JsonPropertyDescription(
                "Take the tunnel down, verified, and keep the object; false brings it up again. Default: false.")
        Boolean suspend,

        @JsonPropertyDescription("How a deletion cleans up. Default: the operator's settings.")
        CleanupPolicy cleanup) {}
