package io.urvpn.unit.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.http.RecordedRequest;
import io.javaoperatorsdk.operator.processing.retry.RetryExecution;
import io.urvpn.ApiServerClient;
import io.urvpn.api.v1alpha1.DesiredState;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec;
import io.urvpn.api.v1alpha1.VpnAttachmentSpecBuilder;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnInstanceStatusBuilder;
import io.urvpn.operator.ApiWrites;
import io.urvpn.operator.LiveReads;
import io.urvpn.operator.Retries;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The operator's side of its requests, against a server that answers what a test says. */
class ApiServerClientTest {
    private static final String ATTACHMENT = "/apis/urvpn.io/v1alpha1/vpnattachments/att-a";
    private KubernetesMockServer server;
    private KubernetesClient client;

    @BeforeEach
    void start() {
        server = new KubernetesMockServer(false);
        server.init();
        Config config =
                new ConfigBuilder(Config.empty()).withMasterUrl(server.url("/")).build();
        client = ApiServerClient.of(config);
    }

    @AfterEach
    void stop() {
        client.close();
        server.destroy();
    }

    /** Pitfall 8: by default a request that meets 5xx is repeated ten times inside the call. */
    @Test
    void pitfall8ARequestThatMeetsAServerErrorIsRepeatedTwiceAndNotTenTimes() {
        server.expect().get().withPath(ATTACHMENT).andReturn(500, "{}").always();
        LiveReads live = new LiveReads(client, "ns");
        assertThatThrownBy(() -> live.attachment("att-a")).isInstanceOf(KubernetesClientException.class);
        assertThat(server.getRequestCount()).isEqualTo(3);
    }

    /** Pitfall 6: JOSDK tries five times, then not for ten hours. */
    @Test
    void pitfall6APassThatFailsComesAgainForEverAndAtMostHalfAMinuteLater() {
        RetryExecution execution = Retries.forEver().initExecution();
        for (int i = 0; i < 1000; i++) {
            assertThat(execution.nextDelay())
                    .hasValueSatisfying(delay -> assertThat(delay).isBetween(200L, 30_000L));
        }
        assertThat(execution.isLastAttempt()).isFalse();
    }

    @Test
    void aSpecIsReplacedOnlyWhereItIsStillAsItWasRead() throws InterruptedException {
        VpnAttachment read = Samples.attachment("a");
        server.expect().patch().withPath(ATTACHMENT).andReturn(409, "{}").once();
        VpnAttachmentSpec detached = VpnAttachmentSpecBuilder.builder(read.getSpec())
                .desired(DesiredState.DETACHED)
                .build();

        assertThat(new ApiWrites(client).replaceSpec(read, detached)).isEmpty();

        RecordedRequest request = server.takeRequest();
        assertThat(request.getHeader("Content-Type")).startsWith("application/json-patch+json");
        assertThat(request.getBody().readUtf8())
                .contains("\"path\":\"/metadata/resourceVersion\"")
                .contains("\"value\":\"7\"")
                .contains("\"desired\":\"Detached\"");
    }

    @Test
    void aRefusalThatIsNoConflictIsNotSwallowed() {
        server.expect().patch().withPath(ATTACHMENT).andReturn(422, "{}").always();
        VpnAttachment read = Samples.attachment("a");
        assertThatThrownBy(() -> new ApiWrites(client).replaceSpec(read, read.getSpec()))
                .isInstanceOf(KubernetesClientException.class);
    }

    /** Pitfall 5: without the uid, server-side apply makes a new object of one that is gone. */
    @Test
    void pitfall5AStatusNamesTheUidOfWhatItIsFor() throws InterruptedException {
        VpnInstance read = Samples.instance();
        read.getMetadata().setResourceVersion("9");
        server.expect()
                .patch()
                .withPath("/apis/urvpn.io/v1alpha1/vpninstances/office/status?fieldManager=ur-vpn-operator&force=true")
                .andReturn(404, "{}")
                .once();
        boolean written = new ApiWrites(client)
                .status(
                        read,
                        VpnInstanceStatusBuilder.builder().interfaceName("urv0").build());
        assertThat(written).isFalse();
        RecordedRequest request = server.takeRequest();
        assertThat(request.getHeader("Content-Type")).startsWith("application/apply-patch+yaml");
        assertThat(request.getBody().readUtf8())
                .contains("\"uid\":\"" + Samples.UID + "\"")
                .contains("\"resourceVersion\":\"9\"")
                .doesNotContain("\"spec\"");
    }

    @Test
    void anInstanceOfAnotherLifeIsNotTheOneThatWasAskedFor() {
        server.expect()
                .get()
                .withPath("/apis/urvpn.io/v1alpha1/vpninstances/office")
                .andReturn(200, Samples.instance())
                .always();
        LiveReads live = new LiveReads(client, "ns");
        assertThat(live.instance("office", Samples.UID)).isPresent();
        assertThat(live.instance("office", "another-uid")).isEmpty();
    }
}
