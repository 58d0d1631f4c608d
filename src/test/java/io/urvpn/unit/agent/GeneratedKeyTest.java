package io.urvpn.unit.agent;

import static io.urvpn.unit.agent.AgentOnNode.UID;
import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.agent.Curve25519;
import io.urvpn.agent.Sweeper;
import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.ErrorCodes;
import io.urvpn.api.v1alpha1.IdentitySource;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.StateKind;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec.PlanAsk;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus.PlanItem;
import io.urvpn.api.v1alpha1.VpnAttachmentStatusBuilder;
import io.urvpn.fake.FakeHost;
import io.urvpn.fake.FakeLauncher;
import io.urvpn.host.HostException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The key that a node makes for its attachment: once, and gone with it. */
class GeneratedKeyTest {
    private static final String KEY = "/var/lib/ur-vpn/" + UID + "/private.key";
    private static final String HANDED = "/run/ur-vpn/" + UID + "/private.key";
    private static final String PERMIT = "/run/ur-vpn/" + UID + "/permit";
    private static final String JOURNAL = "/var/lib/ur-vpn/registry/" + UID + ".json";

    private final FakeHost host = FakeHost.of("machine boot boot-1 tun nftables");
    private final AgentOnNode node = new AgentOnNode(host);
    private FakeLauncher launcher;

    @BeforeEach
    void generate() {
        node.edit(spec -> spec.identity(IdentitySource.GENERATE_PER_NODE).addresses(List.of("10.8.0.2/32")));
    }

    private void up() {
        launcher = FakeLauncher.start(host, UID, "pod-1", "urv0", 100);
        node.settle();
    }

    private String file(String path) {
        return host.files().text(path).orElse("");
    }

    private static String publicHalf(String text) {
        return Base64.getEncoder()
                .encodeToString(Curve25519.publicKey(Base64.getDecoder().decode(text.strip())));
    }

    private List<String> changes(String... begin) {
        return host.actions().stream()
                .filter(action -> List.of(begin).stream().anyMatch(action::startsWith))
                .toList();
    }

    @Test
    void keyAndAddressArePublishedBeforeAnyPodAsks() {
        node.pass();

        assertThat(node.ready().getReason()).isEqualTo(Reasons.WAITING_FOR_POD);
        assertThat(node.status().publicKey()).isEqualTo(publicHalf(file(KEY)));
        assertThat(node.status().addresses()).containsExactly("10.8.0.2/32");
        assertThat(file(HANDED)).isEmpty();
    }

    @Test
    void itIsOnRecordBeforeItIsMadeAndHandedOutBeforeThePermit() {
        up();

        assertThat(changes(
                        "file write " + JOURNAL, "file write " + KEY, "file write " + HANDED, "file write " + PERMIT))
                .startsWith("file write " + JOURNAL, "file write " + JOURNAL, "file write " + KEY)
                .containsSubsequence("file write " + KEY, "file write " + HANDED, "file write " + PERMIT);
        assertThat(file(HANDED)).isEqualTo(file(KEY)).matches("[A-Za-z0-9+/]{43}=\n");
        assertThat(file(JOURNAL))
                .contains(node.status().publicKey())
                .doesNotContain(file(KEY).strip());
    }

    @Test
    void thePermitWaitsUntilTheApiHasThePublicKey() {
        FakeLauncher.start(host, UID, "pod-1", "urv0", 100);
        node.settle();
        host.remove("file " + PERMIT + " \"pod-1\\n\"");
        String told = node.status().publicKey();
        node.attachment.setStatus(VpnAttachmentStatusBuilder.builder(node.status())
                .publicKey(null)
                .build());
        node.apiAway(true);
        node.settle();
        assertThat(file(PERMIT)).isEmpty();

        node.apiAway(false);
        node.settle();
        assertThat(file(PERMIT)).isEqualTo("pod-1\n");
        assertThat(node.status().publicKey()).isEqualTo(told);
    }

    @Test
    void itIsMadeOnceAndOutlivesTheAgentAndTheMachine() {
        up();
        String key = file(KEY);
        String told = node.status().publicKey();
        host.forgetActions();
        node.settle();
        assertThat(changes("file")).isEmpty();

        node.restart().settle();
        assertThat(file(KEY)).isEqualTo(key);

        launcher.end(host);
        host.reboot("boot-2");
        node.restart();
        assertThat(file(HANDED)).isEmpty();
        FakeLauncher.start(host, UID, "pod-1", "urv0", 200);
        node.settle();
        assertThat(file(KEY)).isEqualTo(key);
        assertThat(file(HANDED)).isEqualTo(key);
        assertThat(node.status().publicKey()).isEqualTo(told);
    }

    @Test
    void whatTheLauncherWasHandedComesBackWhenItIsLost() {
        up();
        host.remove("file " + HANDED + " \"" + file(KEY).strip() + "\\n\"");
        node.pass();
        assertThat(file(HANDED)).isEqualTo(file(KEY));
    }

    @Test
    void aCrashBetweenRecordAndKeyIsMadeGood() {
        Runnable lift = host.refuse("file write " + KEY, HostException.Kind.OTHER);
        node.pass();
        assertThat(node.ready().getReason()).isEqualTo(Reasons.JOURNAL_UNWRITABLE);
        assertThat(node.ready().getMessage()).contains(KEY);
        assertThat(node.status().publicKey()).as("of a key that is not there").isNull();

        lift.run();
        node.restart().settle();
        assertThat(node.status().publicKey()).isEqualTo(publicHalf(file(KEY)));
    }

    private void damage(String path) {
        host.files().delete(Path.of(path));
        host.add("file " + path + " \"nonsense\\n\"");
    }

    @Test
    void aDamagedKeyIsReplacedByTheOneThatTheTunnelRunsWith() {
        up();
        String key = file(KEY);
        String told = node.status().publicKey();
        damage(KEY);
        node.settle();
        assertThat(file(KEY)).isEqualTo(key);
        assertThat(node.status().publicKey()).isEqualTo(told);
    }

    @Test
    void whereBothAreDamagedAnotherOneIsMadeAndPublished() {
        up();
        String told = node.status().publicKey();
        damage(KEY);
        damage(HANDED);
        node.settle();
        assertThat(node.status().publicKey()).isNotEqualTo(told).isEqualTo(publicHalf(file(KEY)));
        assertThat(file(HANDED)).isEqualTo(file(KEY));
    }

    @Test
    void itGoesWithTheAttachmentAndTheNextOneHasAnother() {
        up();
        String key = file(KEY);
        String told = node.status().publicKey();
        node.order().settle();

        assertThat(host.toString()).doesNotContain(key.strip());
        assertThat(host.lines("file").lines().map(line -> line.split(" ")[1]))
                .containsExactly("/var/lib/ur-vpn/machine-key", JOURNAL);
        assertThat(node.status().publicKey()).isNull();
        assertThat(node.status().addresses()).isNull();
        assertThat(node.status().detach().components())
                .filteredOn(status -> status.component() == Component.CONFIGURATION_UPDATE)
                .singleElement()
                .satisfies(status -> assertThat(status.evidence().details())
                        .contains("removed " + KEY, "removed " + HANDED)
                        .contains("the private key of " + told + " is destroyed; the peer can forget it"));
        launcher.end(host);
        node.ask(1).pass();
        assertThat(node.status().verdict().clean()).isTrue();

        AgentOnNode next = new AgentOnNode(host);
        next.attachment.getMetadata().setUid("77777777-1111-4222-8333-444455556666");
        next.edit(spec -> spec.identity(IdentitySource.GENERATE_PER_NODE)).pass();
        assertThat(next.status().publicKey()).isNotNull().isNotEqualTo(told);
        assertThat(file(KEY)).isNotEqualTo(key);
    }

    @Test
    void aKeyThatDoesNotGoFailsTheStepAndTheVerificationAndStaysOnRecord() {
        up();
        Runnable lift = host.refuse("file del " + KEY, HostException.Kind.DENIED);
        node.order().settle();
        launcher.end(host);
        node.ask(1).pass();

        assertThat(node.status().verdict().clean()).isFalse();
        assertThat(node.status().verdict().errorCode()).isEqualTo(ErrorCodes.LEFTOVER);
        assertThat(node.status().verdict().failed()).containsExactly(Component.CONFIGURATION_UPDATE);
        assertThat(node.status().verdict().report().configuration().details()).contains("file " + KEY);
        assertThat(node.status().publicKey()).isNotNull();

        lift.run();
        node.ask(2).pass();
        assertThat(node.status().verdict().clean()).isTrue();
        assertThat(node.status().publicKey()).isNull();
    }

    @Test
    void aKeyThatAStepWasToldToLeaveIsNotTheNextAttachments() {
        up();
        String key = file(KEY);
        node.edit(spec -> spec.skip(List.of(Component.CONFIGURATION_UPDATE)))
                .order()
                .settle();
        assertThat(file(KEY)).isEqualTo(key);

        host.files().delete(Path.of(JOURNAL));
        AgentOnNode next = new AgentOnNode(host);
        next.edit(spec -> spec.identity(IdentitySource.GENERATE_PER_NODE)).pass();
        assertThat(file(KEY)).isNotEqualTo(key);
        assertThat(next.status().publicKey()).isEqualTo(publicHalf(file(KEY)));
    }

    @Test
    void anAttachmentThatIsMadeAnewKeepsIt() {
        up();
        String told = node.status().publicKey();
        VpnAttachmentStatus before = node.status();
        node.attachment.getMetadata().setUid("77777777-1111-4222-8333-444455556666");
        node.attachment.setStatus(null);
        node.settle();
        assertThat(node.status().publicKey()).isEqualTo(told).isEqualTo(before.publicKey());
    }

    @Test
    void aDryRunListsIt() {
        up();
        node.edit(spec -> spec.plan(new PlanAsk("ask-1", Instant.parse("2026-11-01T12:00:00Z"))))
                .pass();
        assertThat(node.status().plan().items())
                .filteredOn(item -> item.kind() == StateKind.FILE)
                .extracting(PlanItem::identity)
                .contains(KEY, HANDED);
    }

    @Test
    void theSweepTellsOfAKeyWhoseAttachmentHasGone() {
        up();
        Sweeper sweeper = new Sweeper(node.context());
        sweeper.run(List.of());
        assertThat(sweeper.run(List.of()).orphans())
                .filteredOn(orphan -> orphan.kind() == StateKind.FILE)
                .extracting(orphan -> orphan.identity())
                .contains("/var/lib/ur-vpn/" + UID);
    }

    @Test
    void withAKeyFromTheSecretNoneIsMade() {
        AgentOnNode plain = new AgentOnNode(FakeHost.of("machine boot boot-1 tun nftables"));
        plain.settle();
        assertThat(plain.status().publicKey()).isNull();
        assertThat(plain.host.files().exists(Path.of(KEY))).isFalse();
    }
}
