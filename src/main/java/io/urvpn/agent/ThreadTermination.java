package io.urvpn.agent;

import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.ErrorCodes;
import io.urvpn.api.v1alpha1.Evidence;
import io.urvpn.api.v1alpha1.EvidenceBuilder;
import io.urvpn.host.Host;
import io.urvpn.host.NodeProcess;
import io.urvpn.host.Processes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Withdraws the permit, before any process is looked for: a container that the kubelet restarts then does nothing. The
 * agent's own loop for the instance is over by then, since one attachment is worked on by one thread. Once its pods have
 * gone, whatever is left of them is ended here too.
 */
final class ThreadTermination implements Step {
    private final Host host;

    ThreadTermination(Host host) {
        this.host = host;
    }

    @Override
    public Component component() {
        return Component.THREAD_TERMINATION;
    }

    @Override
    public Result run(Work work) {
        boolean withdrawn = new Permits(host.files(), work.paths()).withdraw();
        Processes.Scan scan = host.processes().scan();
        PodProcesses ours = PodProcesses.of(work.marks(), scan.processes());
        List<String> details = new ArrayList<>();
        details.add(withdrawn ? "permit withdrawn" : "no permit was given any more");
        List<NodeProcess> survivors = List.of();
        if (work.podsGone()) {
            List<NodeProcess> all = Stream.concat(ours.launchers().stream(), ours.daemons().stream())
                    .toList();
            all.forEach(process -> details.add("ended " + Words.of(process)));
            survivors = new ProcessEnding(host.processes())
                    .end(all, Duration.ofSeconds(Math.min(1, work.disconnectTimeoutSeconds())));
        }
        Evidence evidence = EvidenceBuilder.builder()
                .threadId(threadId(work.entry(), ours))
                .stopped(survivors.isEmpty())
                .details(Lines.bounded(details))
                .build();
        return survivors.isEmpty()
                ? Result.done(evidence)
                : Result.failed(
                        evidence,
                        ErrorCodes.PROCESS_SURVIVED,
                        Words.joined(survivors.stream().map(Words::of).toList(), 900) + " did not end when killed");
    }

    /** The pod that had the permit, and its launcher where it runs. */
    private static String threadId(JournalEntry entry, PodProcesses ours) {
        String pod = entry.permittedPodUid() == null && !entry.podUids().isEmpty()
                ? entry.podUids().getLast()
                : entry.permittedPodUid();
        if (pod == null) {
            return null;
        }
        Optional<NodeProcess> launcher = ours.launcher(pod);
        return Words.cut(pod + launcher.map(process -> "/" + process.pid()).orElse("/-"), 64);
    }
}
