package io.urvpn.apiserver.operator;

import static io.urvpn.apiserver.operator.TestCluster.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.urvpn.ApiServerClient;
import io.urvpn.api.v1alpha1.Names;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnInstanceStatusBuilder;
import io.urvpn.apiserver.api.ApiServer;
import io.urvpn.operator.ApiWrites;
import io.urvpn.operator.OperatorSettings;
import io.urvpn.operator.OperatorSettings.LeaderElection;
import io.urvpn.operator.VpnOperator;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** What the operator SDK and server-side apply do to those who do not know, each against a real API server. */
class PitfallsTest {
    @AutoClose
    private final TestCluster cluster = new TestCluster();

    /** A status write and the removal of the finalizer in one pass answer each other with 409 and 422. */
    @Test
    void pitfall1TheFinalizerGoesInAPassThatWritesNoStatus() {
        VpnInstance created = cluster.up("first", null);
        cluster.admin().resource(created).delete();
        cluster.gone("first");

        assertThat(cluster.requests().matching(request -> request.status() == 422))
                .isEmpty();
        assertThat(cluster.requests()
                        .matching(request -> request.status() == 409
                                && request.uri().contains("/vpninstances/first")
                                && !request.uri().contains("/status")))
                .isEmpty();
    }

    /** The cache is behind our own writes: whatever is decided over it again must change nothing. */
    @Test
    void pitfall2WhatWasWrittenIsNotWrittenAgainBecauseTheCacheIsBehind() {
        VpnInstance created = cluster.up("second", null);
        cluster.admin().resource(created).delete();
        cluster.gone("second");

        assertThat(cluster.agents().asks()).containsExactlyInAnyOrder("node-1 1", "node-2 1");
        assertThat(cluster.requests()
                        .matching(request -> request.method().equals("POST")
                                && request.uri().endsWith("/vpncleanups")
                                && request.status() == 201))
                .hasSize(1);
        assertThat(cluster.requests()
                        .matching(request -> request.method().equals("POST")
                                && request.uri().endsWith("/vpnattachments")
                                && request.status() == 201))
                .hasSize(2);
    }

    /** JOSDK's own end of a leadership calls System.exit and leaves the Lease to expire. */
    @Test
    void pitfall3TheLeadershipIsHandedOverAtOnceAndLosingItByItselfEndsTheProcess() {
        AtomicInteger lost = new AtomicInteger();
        try (KubernetesClient client = ApiServerClient.of(ApiServer.running().config());
                VpnOperator second = operator(client, "second", lost)) {
            try (VpnOperator first = operator(client, "first", lost)) {
                first.start();
                eventually(() -> assertThat(first.leads()).isTrue());
                second.start();
                eventually(() ->
                        assertThat(second.ready()).as("ready without leading").isTrue());
                assertThat(second.leads()).isFalse();
            }
            Instant handover = Instant.now();
            await("the second leads")
                    .atMost(Duration.ofSeconds(20))
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> {
                        // or an eviction would not be refused in this moment
                        assertThat(second.notReady()).isEmpty();
                        return second.leads();
                    });
            assertThat(Duration.between(handover, Instant.now())).isLessThan(Duration.ofSeconds(10));
            assertThat(lost).as("a meant end is no loss").hasValue(0);

            cluster.admin()
                    .leases()
                    .inNamespace(cluster.namespace())
                    .withName("election")
                    .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"holderIdentity\":\"somebody\"}}");
            eventually(() -> assertThat(lost).hasValue(1));
        }
    }

    private VpnOperator operator(KubernetesClient client, String identity, AtomicInteger lost) {
        OperatorSettings settings = TestCluster.settings(
                cluster.namespace(),
                Optional.of(new LeaderElection(
                        "election", identity, Duration.ofSeconds(20), Duration.ofSeconds(5), Duration.ofSeconds(1))));
        return new VpnOperator(client, settings, Clock.systemUTC(), lost::incrementAndGet);
    }

    /** One object that does not deserialise would stop the watch for all. */
    @Test
    void pitfall4AnEnumValueOfANewerVersionStopsNothingElse() {
        GenericKubernetesResource committed = ApiServer.committed().stream()
                .filter(definition -> definition.getMetadata().getName().equals("vpninstances.urvpn.io"))
                .findFirst()
                .orElseThrow();
        String type = "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/type/enum/-";
        cluster.admin()
                .resource(committed)
                .patch(
                        PatchContext.of(PatchType.JSON),
                        "[{\"op\":\"add\",\"path\":\"" + type + "\",\"value\":\"L2TP\"}]");
        try {
            // the API server takes a moment to judge by the new schema
            await().atMost(Duration.ofSeconds(20))
                    .ignoreExceptions()
                    .until(() -> cluster.admin().resource("""
                    {"apiVersion": "urvpn.io/v1alpha1", "kind": "VpnInstance", "metadata": {"name": "newer"},
                     "spec": {"type": "L2TP", "nodeSelector": {}, "configSecretRef": {"name": "newer"}}}
                    """).create() != null);
            eventually(() -> assertThat(cluster.condition("newer", "Ready")).isEqualTo("False/UnsupportedType"));
            assertThat(cluster.message("newer", "Stalled")).contains("it runs WireGuard, OpenVPN, IPsec");
            cluster.up("older", null);
            cluster.stopOperator();
            cluster.startOperator();
            eventually(() -> assertThat(cluster.operator().notReady()).isEmpty());
            cluster.admin().resource(cluster.instance("older").orElseThrow()).delete();
            cluster.gone("older");
            cluster.admin().resource(cluster.instance("newer").orElseThrow()).delete();
            cluster.gone("newer");
        } finally {
            cluster.instance("newer").ifPresent(cluster::tearAway);
            cluster.admin()
                    .resource(committed)
                    .patch(new PatchContext.Builder()
                            .withPatchType(PatchType.SERVER_SIDE_APPLY)
                            .withFieldManager(Names.OPERATOR_MANAGER)
                            .withForce(true)
                            .build());
        }
    }

    /** Server-side apply makes what is missing. */
    @Test
    void pitfall5AStatusDoesNotBringAnObjectBackThatIsGone() {
        VpnInstance read =
                cluster.admin().resource(cluster.instance("fifth", "fifth")).create();
        cluster.admin().resource(read).delete();
        cluster.gone("fifth");

        boolean written = new ApiWrites(cluster.admin())
                .status(
                        read,
                        VpnInstanceStatusBuilder.builder().interfaceName("urv0").build());

        assertThat(written).isFalse();
        assertThat(cluster.instance("fifth")).isEmpty();
    }

    /** By default a list is one answer, however many objects there are. */
    @Test
    void pitfall10EveryWatchBeginsWithAListInPages() {
        String collection =
                ".*/(vpnattachments|vpncleanups|vpnnodes|vpninstances|nodes|secrets|daemonsets|pods)([?].*)?";
        assertThat(cluster.requests()
                        .matching(request -> request.method().equals("GET")
                                && request.uri().matches(collection)
                                && !request.uri().contains("watch=true")))
                .hasSizeGreaterThanOrEqualTo(9)
                .allMatch(request -> request.uri().contains("limit=500"));
    }
}
