package io.urvpn.unit.agent;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.urvpn.agent.AgentSettings;
import io.urvpn.agent.ApiReach;
import io.urvpn.agent.AttachmentLoop;
import io.urvpn.agent.MachineKey;
import io.urvpn.agent.NodeContext;
import io.urvpn.agent.NodeIdentity;
import io.urvpn.agent.Registration;
import io.urvpn.agent.Registry;
import io.urvpn.agent.StatusReports;
import io.urvpn.api.v1alpha1.CleanupPolicyBuilder;
import io.urvpn.api.v1alpha1.DesiredState;
import io.urvpn.api.v1alpha1.InstanceReference;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.TunnelRoute;
import io.urvpn.api.v1alpha1.VerifyPolicy;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec.DetachOrder;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec.VerificationAsk;
import io.urvpn.api.v1alpha1.VpnAttachmentSpecBuilder;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus;
import io.urvpn.api.v1alpha1.VpnType;
import io.urvpn.fake.FakeHost;
import io.urvpn.host.Host;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The agent's loop for one attachment on a node, without the API: what it says is kept here. */
public final class AgentOnNode implements StatusReports {
    public static final String UID = "0a1b2c3d-1111-4222-8333-444455556666";
    public static final String ATTACHMENT_UID = "99999999-1111-4222-8333-444455556666";
    public static final String OPERATION = "cleanup-1-office-0a1b2c3d";

    /** A clock that tests set. */
    public static final class SetClock extends Clock {
        private Instant now = Instant.parse("2026-11-01T12:00:00Z");

        public void advance(Duration by) {
            now = now.plus(by);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }

    public final Host host;
    public final SetClock clock = new SetClock();
    public final List<VpnAttachmentStatus> said = new ArrayList<>();
    public final VpnAttachment attachment = new VpnAttachment();
    private final Clock time;
    private final Path state;
    private final Path runtime;
    private final AgentSettings.Timing timing;
    private boolean apiAway;
    private AttachmentLoop loop;
    private NodeContext context;

    /** On a node in memory. */
    public AgentOnNode(FakeHost host) {
        this(host, Path.of("/var/lib/ur-vpn"), Path.of("/run/ur-vpn"), null);
    }

    /** On this machine, by its own time. */
    public AgentOnNode(Host host, Path state, Path runtime) {
        this(host, state, runtime, Clock.systemUTC());
    }

    private AgentOnNode(Host host, Path state, Path runtime, Clock time) {
        this.time = time == null ? clock : time;
        this.host = host;
        this.state = state;
        this.runtime = runtime;
        AgentSettings.Timing usual = AgentSettings.Timing.DEFAULT;
        this.timing = new AgentSettings.Timing(
                usual.resync(),
                usual.poll(),
                usual.debounce(),
                Duration.ofMillis(20),
                Duration.ofMillis(10),
                usual.cutBackoff(),
                usual.failureBackoff(),
                usual.counterInterval(),
                Duration.ofMillis(100));
        attachment.setMetadata(new ObjectMetaBuilder()
                .withName("vpnatt-1")
                .withUid(ATTACHMENT_UID)
                .withGeneration(1L)
                .build());
        attachment.setSpec(VpnAttachmentSpecBuilder.builder()
                .instance(new InstanceReference("office", UID))
                .nodeName("node-1")
                .type(VpnType.WIREGUARD)
                .interfaceName("urv0")
                .desired(DesiredState.ATTACHED)
                .addresses(List.of("10.8.0.2/24"))
                .routes(List.of(new TunnelRoute("10.20.0.0/16", null)))
                .build());
        restart();
    }

    /** The agent ends and starts again; what it had in memory is gone. */
    public AgentOnNode restart() {
        if (host instanceof FakeHost fake) {
            fake.agentEnded();
        }
        clock.advance(Duration.ofSeconds(1));
        AgentSettings settings =
                new AgentSettings("node-1", "0.1.0", state, runtime, 200, 20000, 20003, Duration.ofSeconds(30), timing);
        NodeIdentity identity = new NodeIdentity(
                MachineKey.of(host.files(), state), host.machine().bootId(), time.instant());
        Registry registry = new Registry(host.files(), state);
        context = new NodeContext(
                host,
                registry,
                new Registration(host, registry, settings, identity),
                settings,
                identity,
                new ApiReach(host.machine(), () -> new InetSocketAddress("192.0.2.10", 6443), timing, () -> {}),
                this,
                time);
        loop = new AttachmentLoop(context);
        return this;
    }

    /** Another attachment on the same node, by the same agent. */
    public NodeContext context() {
        return context;
    }

    /** One pass. */
    public AgentOnNode pass() {
        try {
            loop.pass(attachment);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return this;
    }

    /** So many passes that nothing more happens by itself. */
    public AgentOnNode settle() {
        for (int i = 0; i < 5; i++) {
            pass();
        }
        return this;
    }

    /** Changes the spec; a new generation. */
    public AgentOnNode edit(Consumer<VpnAttachmentSpecBuilder> change) {
        VpnAttachmentSpecBuilder builder = VpnAttachmentSpecBuilder.builder(attachment.getSpec());
        change.accept(builder);
        attachment.setSpec(builder.build());
        attachment.getMetadata().setGeneration(attachment.getMetadata().getGeneration() + 1);
        return this;
    }

    /** The operator orders the detach. */
    public AgentOnNode order() {
        return order(VerifyPolicy.ALL);
    }

    public AgentOnNode order(VerifyPolicy verify) {
        return edit(spec -> spec.desired(DesiredState.DETACHED)
                .detach(new DetachOrder(
                        OPERATION,
                        time.instant(),
                        "VpnInstance deleted",
                        "office",
                        CleanupPolicyBuilder.builder()
                                .timeoutSeconds(host instanceof FakeHost ? 1 : 60)
                                .disconnectTimeoutSeconds(1)
                                .verify(verify)
                                .build())));
    }

    /** The operator asks for a verification, after running again what failed last time. */
    public AgentOnNode ask(int attempt) {
        return edit(spec -> spec.verification(new VerificationAsk(
                attempt,
                time.instant(),
                "boot-1",
                time.instant(),
                attempt == 1 ? null : status().verdict().failed())));
    }

    public void apiAway(boolean away) {
        apiAway = away;
    }

    /** What was said last. */
    public VpnAttachmentStatus status() {
        return said.getLast();
    }

    public Condition ready() {
        return status().conditions().stream()
                .filter(condition -> condition.getType().equals(Reasons.READY))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void report(VpnAttachment of, VpnAttachmentStatus status) {
        said.add(status);
        if (!apiAway) {
            of.setStatus(status);
        }
    }

    @Override
    public Optional<VpnAttachmentStatus> written(VpnAttachment of) {
        return Optional.ofNullable(of.getStatus());
    }
}
