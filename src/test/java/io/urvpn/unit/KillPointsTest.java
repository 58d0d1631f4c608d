package io.urvpn.unit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.urvpn.ApiServerClient;
import io.urvpn.KillPoints;
import io.urvpn.fake.FakeHost;
import io.urvpn.host.FilterTable;
import io.urvpn.host.Host;
import io.urvpn.host.HostException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the campaign ends a process: after what it asked for, once, and nowhere unless it asked. */
class KillPointsTest {
    @TempDir
    private Path directory;

    private int ended;
    private final FakeHost node = FakeHost.of("""
            rule 20000 lookup 20000
            rule 20001 lookup 20001
            rule 20002 lookup 20002
            """);

    private Host host() {
        return new KillPoints(directory, () -> ended++).counting(node);
    }

    private void arm(String wanted) throws IOException {
        Files.writeString(directory.resolve("armed"), wanted + "\n");
    }

    private String noted() throws IOException {
        Path noted = directory.resolve("noted");
        return Files.exists(noted) ? Files.readString(noted) : "";
    }

    private static void deleteRules(Host host) {
        host.rules().list().forEach(host.rules()::delete);
    }

    @Test
    void readsOfIpsecConnectionsAndTablesAreNoChanges() throws IOException {
        node.add("policy out 10.1.0.0/16 10.2.0.0/16 priority 5 reqid 7 192.0.2.1 192.0.2.2");
        Host host = host();
        arm("count");
        assertThat(host.xfrm().states()).isEmpty();
        assertThat(host.connections().list(Set.of())).isEmpty();
        assertThat(host.packetFilter().matches("x", "urv0", FilterTable.MASQUERADING))
                .isFalse();
        assertThat(noted()).isEmpty();

        host.xfrm().policies().forEach(host.xfrm()::delete);
        host.packetFilter().masquerade("x", "urv0");
        assertThat(noted()).contains("change 1 xfrm delete", "change 2 packetFilter masquerade x");
    }

    @Test
    void withoutTheVariableThereIsNone() {
        assertThat(KillPoints.of(Map.of())).isEmpty();
        assertThat(KillPoints.of(Map.of(KillPoints.VARIABLE, directory.toString())))
                .isPresent();
    }

    @Test
    void endsTheProcessAfterTheChangeThatWasAskedForAndNotAgain() throws IOException {
        arm("change 2");
        deleteRules(host());
        assertThat(ended).isEqualTo(1);
        assertThat(noted().lines()).hasSize(2).allMatch(line -> line.matches("change [12] rules delete Rule\\[.*"));
        assertThat(directory.resolve("armed")).doesNotExist();
        assertThat(directory.resolve("fired")).exists();
    }

    @Test
    void countsOnlyWhatChangedTheNodeAndHidesNothingOfIt() throws IOException {
        arm("count");
        Host host = host();
        host.files().write(Path.of("/run/ur-vpn/x/permit"), "secret".getBytes(StandardCharsets.UTF_8));
        assertThat(host.files().exists(Path.of("/run/ur-vpn/x/permit"))).isTrue();
        assertThat(host.files().delete(Path.of("/run/ur-vpn/x/none"))).isFalse();
        assertThat(host.links().named("lo")).isPresent();
        assertThat(host.machine().bootId()).isEqualTo(node.machine().bootId());
        node.refuse("rule del", HostException.Kind.DENIED);
        assertThatThrownBy(() -> deleteRules(host)).isInstanceOf(HostException.class);
        assertThat(noted()).isEqualTo("change 1 files write /run/ur-vpn/x/permit\n");
        assertThat(ended).isZero();
    }

    @Test
    void countsNothingBeforeItIsArmedAndAnewWhenItIsArmedAgain() throws IOException {
        Host host = host();
        deleteRules(host);
        assertThat(noted()).isEmpty();
        arm("change 1");
        node.add("rule 20005 lookup 20005");
        deleteRules(host);
        assertThat(ended).isEqualTo(1);
    }

    @Test
    void countsWritesThatWereAnsweredWithSuccess() throws IOException {
        KubernetesMockServer server = new KubernetesMockServer(false);
        server.init();
        server.expect()
                .post()
                .withPath("/api/v1/namespaces/ns/configmaps")
                .andReturn(409, "{}")
                .once();
        server.expect()
                .post()
                .withPath("/api/v1/namespaces/ns/configmaps")
                .andReturn(201, "{}")
                .always();
        server.expect()
                .get()
                .withPath("/api/v1/namespaces/ns/configmaps/one")
                .andReturn(200, "{}")
                .always();
        server.expect()
                .post()
                .withPath("/apis/coordination.k8s.io/v1/namespaces/ns/leases")
                .andReturn(201, "{}")
                .always();
        Config config = new ConfigBuilder(Config.empty())
                .withMasterUrl(server.url("/"))
                .withNamespace("ns")
                .build();
        arm("write 2");
        try (KubernetesClient client = ApiServerClient.of(config, List.of(new KillPoints(directory, () -> ended++)))) {
            assertThatThrownBy(() -> create(client)).isInstanceOf(KubernetesClientException.class);
            client.configMaps().withName("one").get();
            client.resource(new LeaseBuilder()
                            .withNewMetadata()
                            .withName("leader")
                            .endMetadata()
                            .build())
                    .create();
            create(client);
            assertThat(ended).isZero();
            create(client);
            assertThat(ended).isEqualTo(1);
        }
        server.destroy();
        assertThat(noted()).isEqualTo("""
                write 1 POST /api/v1/namespaces/ns/configmaps
                write 2 POST /api/v1/namespaces/ns/configmaps
                """);
    }

    private static void create(KubernetesClient client) {
        client.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("one")
                        .endMetadata()
                        .build())
                .create();
    }
}
