package io.urvpn.operator;

import io.fabric8.kubernetes.api.model.Secret;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.operator.Identities.SecretName;
import io.urvpn.tunnel.TunnelType;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Gathers what one pass over an instance looks at, so that all of it decides by the same facts. */
record InstanceGathering(
        OperatorSettings settings,
        ClusterCache cache,
        LiveReads live,
        DigestKey digestKey,
        SilentNodes silent,
        Clock clock) {

    /** Of an instance as it is stored. */
    InstanceScope of(VpnInstance instance) {
        Optional<TunnelType> type = Optional.ofNullable(instance.getSpec().type())
                .map(named -> TunnelType.of(named, instance.getSpec().identity()));
        String uid = instance.getMetadata().getUid();
        List<VpnAttachment> cached = cache.attachments(uid);
        Selection selection = Selection.of(new Eligibility(instance.getSpec()), cache.nodes(), cached);
        SecretName secretName = new SecretName(
                settings.namespace(), instance.getSpec().configSecretRef().name());
        Optional<Secret> secret = cache.secret(secretName.name());
        Identities configured = Identities.of(
                type.orElse(TunnelType.WIREGUARD),
                secretName,
                secret,
                type.isPresent() ? selection.wanted() : Set.of());
        NodeAddresses addressed = NodeAddresses.of(instance, type, configured, selection.wanted(), cached, live);
        RunningConfigurations running = running(uid, addressed, secret);
        return new InstanceScope(
                instance,
                CleanupPolicies.complete(instance.getSpec().cleanup(), settings.cleanup()),
                type,
                selection,
                addressed.identities(),
                addressed.attachments(),
                cache.daemonSet(uid),
                cache.pods(uid),
                new Excuses(settings.joinGrace(), clock.instant()).among(selection.wanted(), cache),
                new Excuses(Duration.ZERO, clock.instant()).among(selection.wanted(), cache),
                silent.among(selection.wanted()),
                running,
                AttachmentPlan.of(
                        instance, selection, addressed.identities(), addressed.attachments(), running.outdated()),
                clock.instant());
    }

    private RunningConfigurations running(String uid, NodeAddresses addressed, Optional<Secret> secret) {
        Optional<ConfigurationDigests> digests = secret.flatMap(found -> digestKey.digests());
        return digests.map(by -> RunningConfigurations.of(
                        addressed.identities().digests(by, uid, secret.get()),
                        by.keyId(),
                        Trim.written(secret.get()),
                        cache.pods(uid),
                        addressed.attachments()))
                .orElse(RunningConfigurations.NONE);
    }
}
