package io.urvpn.unit.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.urvpn.agent.AgentSettings;
import io.urvpn.agent.InstancePaths;
import io.urvpn.agent.JournalEntry;
import io.urvpn.agent.JournalEntryBuilder;
import io.urvpn.agent.MachineKey;
import io.urvpn.agent.Registry;
import io.urvpn.api.v1alpha1.InstanceReference;
import io.urvpn.fake.FakeHost;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RegistryTest {
    private static final Path STATE = Path.of("/var/lib/ur-vpn");

    private final FakeHost host = FakeHost.of("");

    private static JournalEntry entry() {
        return JournalEntryBuilder.builder()
                .version(1)
                .state(JournalEntry.State.ACTIVE)
                .instance(new InstanceReference("office", "u-1"))
                .attachmentName("vpnatt-1")
                .interfaceName("urv0")
                .protocol(200)
                .table(20000)
                .podUids(List.of("pod-1"))
                .build();
    }

    @Test
    void whatIsSavedIsThereAfterARestart() {
        new Registry(host.files(), STATE).save(entry());
        Registry next = new Registry(host.files(), STATE);

        assertThat(next.find("u-1")).isEqualTo(new Registry.Lookup.Known(entry()));
        assertThat(next.tables()).containsExactly(20000);

        next.remove("u-1");
        assertThat(new Registry(host.files(), STATE).entries()).isEmpty();
    }

    @Test
    void whatIsNotUnderstoodIsUnknownAndStays() {
        host.add("""
                file /var/lib/ur-vpn/registry/u-1.json "{\\"version\\":7}"
                file /var/lib/ur-vpn/registry/u-2.json "{\\"version\\":1}"
                file /var/lib/ur-vpn/registry/u-3.json "{\\"ver"
                file /var/lib/ur-vpn/registry/u-4.json ""
                file /var/lib/ur-vpn/registry/.u-5.json.new "half"
                """);
        String before = host.toString();
        Registry registry = new Registry(host.files(), STATE);

        for (String uid : List.of("u-1", "u-2", "u-3", "u-4")) {
            assertThat(registry.find(uid)).as(uid).isInstanceOf(Registry.Lookup.Unknown.class);
        }
        assertThat(((Registry.Lookup.Unknown) registry.find("u-1")).why())
                .contains("7")
                .contains("version 1");
        assertThat(registry.find("u-5")).isInstanceOf(Registry.Lookup.Absent.class);
        assertThat(registry.entries()).isEmpty();
        assertThat(host).hasToString(before);
    }

    @Test
    void aMachineKeepsItsKey() {
        String key = MachineKey.of(host.files(), STATE);

        assertThat(key).matches("[0-9a-f]{32}");
        assertThat(MachineKey.of(host.files(), STATE)).isEqualTo(key);
        assertThat(MachineKey.of(FakeHost.of("").files(), STATE)).isNotEqualTo(key);
    }

    @Test
    void aSpoiltKeyIsNotReplaced() {
        host.add("file /var/lib/ur-vpn/machine-key \"half\"");

        assertThatThrownBy(() -> MachineKey.of(host.files(), STATE)).hasMessageContaining("machine-key");
        assertThat(host.files().text("/var/lib/ur-vpn/machine-key")).hasValue("half");
    }

    @Test
    void aUidThatNamesAnotherDirectoryIsRefused() {
        AgentSettings settings = new AgentSettings(
                "node-1",
                "0",
                STATE,
                Path.of("/run/ur-vpn"),
                200,
                20000,
                29999,
                Duration.ofSeconds(30),
                AgentSettings.Timing.DEFAULT);

        assertThatThrownBy(() -> InstancePaths.of(settings, "../../etc")).hasMessageContaining("../../etc");
    }
}
