package io.urvpn.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.urvpn.kernel.host.Command;
import io.urvpn.kernel.host.NetworkNamespace;
import io.urvpn.kernel.launcher.ToldConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The launcher's IPsec on a kernel that has ESP and XFRM interfaces. */
@ExtendWith(NetworkNamespace.class)
class KernelIpsecTest {
    private static final String LINK = "urv0";
    private static final int TABLE = 20007;
    private static final String IF_ID = "if_id 0x4e27";
    private static final String REQID = "reqid 20007000";
    private static final String UID = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
    /** What somebody else has, with marks beside ours. */
    private static final String FOREIGN = """
            xfrm state add src 198.51.100.1 dst 198.51.100.2 proto esp spi 0x777 reqid 20008000 mode tunnel enc cipher_null \"\" if_id 20008
            xfrm policy add src 198.51.100.0/25 dst 198.51.100.128/25 dir out priority 7 if_id 20008 tmpl proto esp reqid 20008000 mode tunnel
            """;

    @TempDir
    private Path directory;

    private final List<Launcher> launchers = new ArrayList<>();
    private IpsecGateway gateway;

    @BeforeEach
    void prepare() throws Exception {
        Files.createDirectories(runtime());
        Files.createDirectories(directory.resolve("bin"));
        Files.writeString(directory.resolve("tunnel.conf"), IpsecGateway.NODE_CONFIGURATION);
        Files.writeString(runtime().resolve("table"), TABLE + "\n");
        Files.writeString(runtime().resolve("permit"), WireGuardNode.POD + "\n");
        gateway = new IpsecGateway(directory.resolve("gateway"));
    }

    @AfterEach
    void close() {
        launchers.forEach(Launcher::kill);
        if (gateway != null) {
            gateway.close();
        }
    }

    private Path runtime() {
        return directory.resolve("run");
    }

    private Launcher launch() {
        Launcher launcher = Launcher.start(
                directory.resolve("bin"),
                List.of(
                        "URVPN_INSTANCE_UID=" + UID,
                        "URVPN_INSTANCE_NAME=office",
                        "URVPN_TYPE=IPsec",
                        "URVPN_INTERFACE=" + LINK,
                        "URVPN_DIRECTORY=" + runtime(),
                        "URVPN_CONFIG=" + directory.resolve("tunnel.conf")),
                WireGuardNode.POD,
                directory.resolve("log-" + launchers.size()));
        launchers.add(launcher);
        return launcher;
    }

    private JsonNode report() {
        return new ToldConnection(runtime(), () -> launchers.getLast().said()).now();
    }

    private void awaitUp(boolean up) {
        await().atMost(WireGuardNode.LONG)
                .untilAsserted(() -> assertThat(report().path("up").asBoolean())
                        .as(() -> report() + "\n" + launchers.getLast().said())
                        .isEqualTo(up));
    }

    private Launcher up() {
        Launcher launcher = launch();
        awaitUp(true);
        return launcher;
    }

    /** What the agent does with what the peer gave. */
    private static void setAsTheAgentDoes() {
        Command.ipBatch("""
                address add 10.220.0.11/32 dev urv0 noprefixroute
                address add fd00:220::11/128 dev urv0 nodad noprefixroute
                link set urv0 up
                route add 10.220.0.0/24 dev urv0 src 10.220.0.11
                route add fd00:220::/64 dev urv0 src fd00:220::11
                """);
    }

    private static long count(String listed, String word) {
        return listed.lines().filter(line -> line.contains(word)).count();
    }

    private static String states() {
        return Command.line("ip xfrm state list nokeys");
    }

    private static String policies() {
        return Command.line("ip xfrm policy list nosock");
    }

    /** What no launcher may change; link-local routes come and go with their links. */
    private static String node() {
        return (Command.line("ip rule")
                        + Command.line("ip -6 rule")
                        + Command.line("ip route show table all")
                        + Command.line("ip -6 route show table all")
                        + Command.line("ip -o address show scope global"))
                .replaceAll("(?m)^.*(fe80|ff00)::.*\\n", "");
    }

    /** Such an interface is shown with what it is bound to: urv0@NONE. */
    private static boolean hasLink() {
        return Command.line("ip -o link show").contains(": " + LINK + "@");
    }

    private static void killCharon() {
        // the gateway's has another parent: the launcher is in the machine's one PID namespace with it
        String launchers = Command.line("pgrep -x launcher").strip();
        Command.line("pkill -KILL -x -P " + launchers + " charon-systemd");
    }

    @Test
    void theKernelEncryptsWhatIsRoutedIntoTheInterface() {
        String before = node();

        Launcher launcher = up();

        assertThat(launcher.said()).doesNotContain("charon encrypts by itself");
        assertThat(Command.line("ip -d link show " + LINK))
                .contains("xfrm", IF_ID, "alias urvpn:" + UID)
                .doesNotContain("state UP");
        assertThat(node()).isEqualTo(before);
        assertThat(count(states(), REQID)).isEqualTo(2);
        assertThat(count(states(), IF_ID)).isEqualTo(2);
        assertThat(count(policies(), REQID))
                .as("out, in and fwd of both families")
                .isEqualTo(6);
        assertThat(count(policies(), IF_ID)).isEqualTo(6);
        assertThat(count(policies(), "dir ")).isEqualTo(6);

        setAsTheAgentDoes();
        Command.line("ping -c 3 -i 0.2 -W 5 " + IpsecGateway.ADDRESS);
        Command.line("ping -c 3 -i 0.2 -W 5 " + IpsecGateway.ADDRESS_V6);
        await().atMost(WireGuardNode.LONG)
                .until(() -> report().path("receivedBytes").asLong() >= 6 * 84);
        assertThat(Command.line("ip -s link show " + LINK))
                .doesNotContain("RX:  bytes packets errors dropped  missed   mcast\n             0");
    }

    @Test
    void whatAKilledDaemonLeftIsTakenAwayBeforeTheNextAndNothingElse() {
        up();
        Command.ipBatch(FOREIGN);
        setAsTheAgentDoes();
        String index = WireGuardNode.index(LINK);
        String first = states();

        killCharon();
        awaitUp(false);
        awaitUp(true);

        assertThat(WireGuardNode.index(LINK))
                .as("traffic has nowhere else to go meanwhile")
                .isEqualTo(index);
        assertThat(states()).isNotEqualTo(first);
        assertThat(count(states(), REQID)).isEqualTo(2);
        assertThat(count(policies(), REQID)).isEqualTo(6);
        assertThat(count(states(), "reqid 20008000")).isEqualTo(1);
        assertThat(count(policies(), "reqid 20008000")).isEqualTo(1);
        Command.line("ping -c 3 -i 0.2 -W 5 " + IpsecGateway.ADDRESS);
    }

    @Test
    void aKilledContainerLeavesWhatCarriesItsMarksAndTheNextTakesItUp() {
        Launcher launcher = up();
        String index = WireGuardNode.index(LINK);

        launcher.kill();
        await().atMost(WireGuardNode.LONG).until(() -> charons() == 1);

        assertThat(count(states(), REQID)).isEqualTo(2);
        assertThat(count(policies(), IF_ID)).isEqualTo(6);
        assertThat(hasLink()).isTrue();

        up();
        assertThat(WireGuardNode.index(LINK)).isEqualTo(index);
        assertThat(count(states(), REQID)).isEqualTo(2);
    }

    private static long charons() {
        return Command.line("pgrep -x charon-systemd").lines().count();
    }

    @Test
    void anEndInOrderLeavesNothing() {
        String before = node();
        Launcher launcher = up();

        launcher.terminate();

        assertThat(states()).isEmpty();
        assertThat(policies()).isEmpty();
        assertThat(hasLink()).isFalse();
        assertThat(node()).isEqualTo(before);
    }
}
