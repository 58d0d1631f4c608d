package io.urvpn.agent;

import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.ErrorCodes;
import io.urvpn.api.v1alpha1.EvidenceBuilder;
import io.urvpn.host.Host;
import io.urvpn.host.HostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Removes the instance's files and turns its entry in the registry into a detachment record. The instance's volatile
 * directory itself may still be mounted in its pod; it goes with the verification.
 *
 * <p>A private key is not written over before it is removed: on flash and on file systems that write elsewhere than where
 * the old contents are, that leaves the old ones too, and only looks as if it did not. What a removed key still opens ends
 * with the peer's entry for it.
 */
final class ConfigurationUpdate implements Step {
    private final Host host;
    private final Registry registry;

    ConfigurationUpdate(Host host, Registry registry) {
        this.host = host;
        this.registry = registry;
    }

    @Override
    public Component component() {
        return Component.CONFIGURATION_UPDATE;
    }

    @Override
    public Result run(Work work) {
        List<String> details = new ArrayList<>();
        List<String> refused = new ArrayList<>();
        int removed = removeBelow(work.paths().runtime(), details, refused);
        removed += removeBelow(work.paths().state(), details, refused);
        remove(work.paths().state(), details, refused);
        boolean filesGone = refused.isEmpty();
        String key = work.entry().publicKey();
        if (filesGone && key != null) {
            details.add("the private key of " + key + " is destroyed; the peer can forget it");
        }
        boolean saved = false;
        try {
            registry.save(JournalEntryBuilder.builder(work.entry())
                    .state(JournalEntry.State.DETACHED)
                    .permittedPodUid(null)
                    .publicKey(filesGone ? null : key)
                    .build());
            saved = true;
        } catch (HostException e) {
            refused.add("registry: " + e.getMessage());
        }
        var evidence = EvidenceBuilder.builder()
                .configSaved(saved)
                .cacheSaved(filesGone)
                .filesRemoved(removed)
                .details(Lines.bounded(details))
                .build();
        return refused.isEmpty()
                ? Result.done(evidence)
                : Result.failed(evidence, ErrorCodes.FILE_FAILED, Words.joined(refused, 1000));
    }

    private int removeBelow(Path directory, List<String> details, List<String> refused) {
        int removed = 0;
        for (Path path : host.files().tree(directory)) {
            removed += remove(path, details, refused) ? 1 : 0;
        }
        return removed;
    }

    private boolean remove(Path path, List<String> details, List<String> refused) {
        try {
            boolean removed = host.files().delete(path);
            if (removed) {
                details.add("removed " + path);
            }
            return removed;
        } catch (HostException e) {
            refused.add(path + ": " + e.getMessage());
            return false;
        }
    }
}
