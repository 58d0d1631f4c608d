package io.urvpn.apiserver.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.urvpn.api.v1alpha1.IdentitySource;
import io.urvpn.api.v1alpha1.VpnInstance;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the API server takes as a VpnInstance, and what it refuses with a message that names the field. */
class VpnInstanceAdmissionTest {
    private static final String NAME = "admission";
    private static final String LEAST = """
            apiVersion: urvpn.io/v1alpha1
            kind: VpnInstance
            metadata: {name: admission}
            spec:
              type: WireGuard
              configSecretRef: {name: office}
              nodeSelector: {}
            """;

    private final KubernetesClient client = ApiServer.running().admin();

    @AfterEach
    void remove() {
        client.resources(VpnInstance.class).withName(NAME).delete();
    }

    @Test
    void takesTheLeastThatMustBeWritten() {
        create("");
        VpnInstance stored = stored();
        assertThat(stored.getSpec().nodeSelector()).isEmpty();
        assertThat(stored.getSpec().interfaceName()).isNull();
    }

    @Test
    void takesEveryField() {
        create("""
                interfaceName: urv-office.1_a
                addresses: [10.20.0.2/24, 'fd00:20::2/64']
                routes:
                  - destination: 10.200.0.0/24
                  - {destination: 10.200.0.0/24, metric: 50}
                  - {destination: 'fd00:200::/64', metric: 2147483647}
                  - destination: 0.0.0.0/0
                  - destination: '::/0'
                rules:
                  - {from: 10.1.0.0/16, to: 10.200.0.0/24, fwmark: 4294967295}
                  - {fwmark: 1}
                  - {from: 'fd00:1::/48'}
                tolerations:
                  - {key: dedicated, operator: Equal, value: vpn, effect: NoSchedule}
                  - {operator: Exists, tolerationSeconds: 60, effect: NoExecute}
                masquerade: true
                mtu: 1280
                suspend: false
                resources:
                  requests: {cpu: 50m, memory: 64Mi}
                  limits: {cpu: '1', memory: 256Mi}
                cleanup:
                  verificationDelaySeconds: 0
                  maxRetryAttempts: 0
                  retryBackoffSeconds: 1
                  timeoutSeconds: 1
                  disconnectTimeoutSeconds: 0
                  blockedRetrySeconds: 1
                  nodeLostAfter: 1h30m
                  releaseWhen: NodeLostOrFailed
                  verify: {threadProcesses: true, routingTable: false, vpnInterfaces: true, configurationFiles: true}
                  ttlSecondsAfterFinished: 0
                """);
        assertThat(stored().getSpec().routes()).hasSize(5);
        assertThat(stored().getSpec().routes().getFirst().metric()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "interfaceName: a234567890123456 | spec.interfaceName | 15",
                "interfaceName: tun/0 | spec.interfaceName | should match",
                "interfaceName: '' | spec.interfaceName | at least 1 char",
                "interfaceName: .. | spec.interfaceName | should match",
                "interfaceName: '-a' | spec.interfaceName | should match",
                "interfaceName: lo | spec.interfaceName | reserved by the kernel",
                "interfaceName: all | spec.interfaceName | reserved by the kernel",
                "addresses: [10.20.0.2] | spec.addresses | with its prefix length",
                "addresses: [10.20.0.300/24] | spec.addresses | with its prefix length",
                "addresses: ['fd00::1/129'] | spec.addresses | with its prefix length",
                "addresses: [''] | spec.addresses[0] | at least 1 char",
                "routes: [{destination: 10.200.0.0/33}] | spec.routes[0].destination | in CIDR notation",
                "routes: [{destination: 10.200.0.1/24}] | spec.routes[0].destination | without host bits",
                "routes: [{destination: office.example.com}] | spec.routes[0].destination | in CIDR notation",
                "routes: [{destination: 10.0.0.0/8}, {destination: 'fd00::1/64'}] | spec.routes[1].destination | without host bits",
                "routes: [{metric: 5}] | spec.routes[0].destination | Required value",
                "routes: [{destination: 10.0.0.0/8, metric: -1}] | spec.routes[0].metric | greater than or equal to 0",
                "routes: [{destination: 10.0.0.0/8, metric: 2147483648}] | spec.routes[0].metric | less than or equal to 2147483647",
                "routes: [{destination: 10.0.0.0/8}, {destination: 10.0.0.0/8, metric: 0}] | spec.routes[1] | Duplicate value",
                "rules: [{}] | spec.rules[0] | at least one of from, to and fwmark",
                "rules: [{from: 10.0.0.1/8}] | spec.rules[0].from | without host bits",
                "rules: [{to: all}] | spec.rules[0].to | in CIDR notation",
                "rules: [{from: 10.0.0.0/8, to: 'fd00::/8'}] | spec.rules[0] | of one address family",
                "rules: [{fwmark: 0}] | spec.rules[0].fwmark | greater than or equal to 1",
                "rules: [{fwmark: 4294967296}] | spec.rules[0].fwmark | less than or equal to 4294967295",
                "tolerations: [{operator: Gt}] | spec.tolerations[0].operator | should match",
                "tolerations: [{effect: Evict}] | spec.tolerations[0].effect | should match",
                "mtu: 575 | spec.mtu | greater than or equal to 576",
                "mtu: 65536 | spec.mtu | less than or equal to 65535",
                "{mtu: 1279, addresses: ['fd00::1/64']} | spec.mtu | at least 1280",
                "{mtu: 1279, routes: [{destination: 'fd00::/64'}]} | spec.mtu | at least 1280",
                "{mtu: 1279, identity: GeneratePerNode, addressPool: ['fd00:20::/64']} | spec.mtu | at least 1280",
                "identity: FromNowhere | spec.identity | supported values",
                "identity: GeneratePerNode | spec.addressPool | addressPool is needed with identity GeneratePerNode",
                "{identity: GeneratePerNode, addressPool: []} | spec.addressPool | addressPool is needed with identity GeneratePerNode",
                "addressPool: [10.20.0.0/24] | spec.addressPool | goes with it only",
                "{identity: FromSecret, addressPool: [10.20.0.0/24]} | spec.addressPool | goes with it only",
                "{identity: GeneratePerNode, addressPool: [10.20.0.0/24], type: OpenVPN} | spec.identity | for type WireGuard only",
                "{identity: GeneratePerNode, addressPool: [10.20.0.0/24], addresses: [10.20.0.1/24]} | spec.addresses | remove addresses",
                "{identity: GeneratePerNode, addressPool: [10.20.0.1/24]} | spec.addressPool | without host bits",
                "{identity: GeneratePerNode, addressPool: [10.20.0.0]} | spec.addressPool | in CIDR notation",
                "{identity: GeneratePerNode, addressPool: [10.20.0.0/24, 10.21.0.0/24]} | spec.addressPool | one network of IPv4 and one of IPv6",
                "{identity: GeneratePerNode, addressPool: [10.20.0.0/24, 'fd00::/64', 'fd01::/64']} | spec.addressPool | at most 2",
                "resources: {limits: {cpu: lots}} | spec.resources.limits.cpu | should match",
                "resources: {requests: {memory: 1Ti}} | spec.resources.requests.memory | should match",
                "cleanup: {verificationDelaySeconds: -1} | spec.cleanup.verificationDelaySeconds | greater than or equal to 0",
                "cleanup: {verificationDelaySeconds: 3601} | spec.cleanup.verificationDelaySeconds | less than or equal to 3600",
                "cleanup: {maxRetryAttempts: 21} | spec.cleanup.maxRetryAttempts | less than or equal to 20",
                "cleanup: {retryBackoffSeconds: 0} | spec.cleanup.retryBackoffSeconds | greater than or equal to 1",
                "cleanup: {timeoutSeconds: 0} | spec.cleanup.timeoutSeconds | greater than or equal to 1",
                "cleanup: {disconnectTimeoutSeconds: 301} | spec.cleanup.disconnectTimeoutSeconds | less than or equal to 300",
                "cleanup: {blockedRetrySeconds: 0} | spec.cleanup.blockedRetrySeconds | greater than or equal to 1",
                "cleanup: {ttlSecondsAfterFinished: -1} | spec.cleanup.ttlSecondsAfterFinished | greater than or equal to 0",
                "cleanup: {nodeLostAfter: soon} | spec.cleanup.nodeLostAfter | should match",
                "cleanup: {nodeLostAfter: 5} | spec.cleanup.nodeLostAfter | must be of type string",
                "cleanup: {releaseWhen: Always} | spec.cleanup.releaseWhen | supported values",
                "configSecretRef: {} | spec.configSecretRef.name | Required value",
                "configSecretRef: {name: Office} | spec.configSecretRef.name | should match",
                "type: PPTP | spec.type | supported values",
                "type: null | spec.type | Required value",
                "configSecretRef: null | spec.configSecretRef | Required value",
                "nodeSelector: null | spec.nodeSelector | Required value",
                "masquerade: sometimes | spec.masquerade | must be of type boolean",
            })
    void refuses(String part, String field, String text) {
        Refusal.invalid(() -> create(part), field, text);
        assertThat(stored()).isNull();
    }

    @Test
    void takesGeneratedIdentitiesWhichStayAsTheyAreWhileThePoolMayChange() {
        create("  identity: GeneratePerNode\n  addressPool: [10.20.0.0/24, 'fd00:20::/64']\n");
        assertThat(stored().getSpec().identity()).isEqualTo(IdentitySource.GENERATE_PER_NODE);
        patch("{\"addressPool\": [\"10.20.0.0/16\"]}");
        assertThat(stored().getSpec().addressPool()).containsExactly("10.20.0.0/16");
        Refusal.invalid(
                () -> patch("{\"identity\": null, \"addressPool\": null}"),
                "spec.identity",
                "create another VpnInstance");
    }

    private void patch(String spec) {
        client.resources(VpnInstance.class)
                .withName(NAME)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": " + spec + "}");
    }

    @Test
    void refusesALabelThatNoNodeCanHave() {
        Refusal.invalid(
                () -> create("  nodeSelector: {" + "k".repeat(318) + ": v}\n"), "spec.nodeSelector", "317 characters");
        Refusal.invalid(() -> create("  nodeSelector: {k: " + "v".repeat(64) + "}\n"), "spec.nodeSelector.k", "63");
    }

    @Test
    void refusesAnObjectWithoutSpec() {
        Refusal.invalid(
                () -> client.resource(parse(
                                "{apiVersion: urvpn.io/v1alpha1, kind: VpnInstance, metadata: {name: admission}}"))
                        .create(),
                "spec",
                "Required value");
    }

    @ParameterizedTest
    @ValueSource(ints = {257, 300})
    void refusesMoreRoutesThanTheBound(int count) {
        StringBuilder routes = new StringBuilder("  routes:\n");
        for (int i = 0; i < count; i++) {
            routes.append("    - destination: 10.")
                    .append(i / 256)
                    .append('.')
                    .append(i % 256)
                    .append(".0/24\n");
        }
        Refusal.invalid(() -> create(routes.toString()), "spec.routes", "256");
    }

    @Test
    void takesAsManyOfEachAsTheBoundsSay() {
        StringBuilder spec = new StringBuilder("  routes:\n");
        for (int i = 0; i < 256; i++) {
            spec.append("    - destination: 10.0.").append(i).append(".0/24\n");
        }
        spec.append("  rules:\n");
        for (int i = 0; i < 64; i++) {
            spec.append("    - {from: 10.1.")
                    .append(i)
                    .append(".0/24, to: 10.2.")
                    .append(i)
                    .append(".0/24}\n");
        }
        spec.append("  addresses: [");
        for (int i = 0; i < 16; i++) {
            spec.append("'fd00::").append(i).append("/128',");
        }
        create(spec.append("]\n").toString());
        assertThat(stored().getSpec().routes()).hasSize(256);
    }

    @Test
    void typeAndInterfaceNameAreImmutable() {
        create("  interfaceName: urv0\n");
        Refusal.invalid(() -> merge("{\"spec\":{\"type\":\"OpenVPN\"}}"), "spec.type", "is immutable");
        Refusal.invalid(() -> merge("{\"spec\":{\"interfaceName\":\"urv1\"}}"), "spec.interfaceName", "is immutable");
        Refusal.invalid(() -> merge("{\"spec\":{\"interfaceName\":null}}"), "spec.interfaceName", "is immutable");
        merge("{\"spec\":{\"mtu\":1300,\"suspend\":true}}");
        assertThat(stored().getSpec().mtu()).isEqualTo(1300);
    }

    @Test
    void anInterfaceNameIsNotGivenLater() {
        create("");
        Refusal.invalid(() -> merge("{\"spec\":{\"interfaceName\":\"urv1\"}}"), "spec.interfaceName", "is immutable");
    }

    @Test
    void applyingTheSameTwiceChangesNothing() {
        String more = "  routes: [{destination: 10.0.0.0/8}, {destination: 10.0.0.0/8, metric: 7}]\n";
        String first = apply(more).getMetadata().getResourceVersion();
        assertThat(apply(more).getMetadata().getResourceVersion()).isEqualTo(first);
        apply("  routes: [{destination: 10.0.0.0/8, metric: 7}]\n");
        assertThat(stored().getSpec().routes())
                .singleElement()
                .satisfies(route -> assertThat(route.metric()).isEqualTo(7));
    }

    private void create(String more) {
        object(more).create();
    }

    private GenericKubernetesResource apply(String more) {
        return object(more).patch(PatchContext.of(PatchType.SERVER_SIDE_APPLY));
    }

    /** The least that must be written, with these fields of the spec; null takes one away. */
    private Resource<GenericKubernetesResource> object(String more) {
        GenericKubernetesResource object = parse(LEAST);
        Map<String, Object> spec = new LinkedHashMap<>(object.get("spec"));
        if (!more.isEmpty()) {
            Map<String, Object> fields = client.getKubernetesSerialization()
                    .unmarshal("---\n" + more, new TypeReference<Map<String, Object>>() {});
            fields.forEach((name, value) -> spec.compute(name, (n, old) -> value));
        }
        object.setAdditionalProperty("spec", spec);
        return client.resource(object);
    }

    private GenericKubernetesResource parse(String yaml) {
        return client.getKubernetesSerialization().unmarshal("---\n" + yaml, GenericKubernetesResource.class);
    }

    private void merge(String patch) {
        client.resources(VpnInstance.class).withName(NAME).patch(PatchContext.of(PatchType.JSON_MERGE), patch);
    }

    private VpnInstance stored() {
        return client.resources(VpnInstance.class).withName(NAME).get();
    }
}
