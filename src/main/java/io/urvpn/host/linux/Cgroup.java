package io.urvpn.host.linux;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * To which pod and container a process belongs, by /proc/pid/cgroup: cgroup v1, v2 and both at once; the kubelet's cgroupfs
 * driver ({@code /kubepods/burstable/pod<uid>/<id>}) and its systemd driver
 * ({@code /kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod<uid with _>.slice/cri-containerd-<id>.scope}). The path may be
 * relative to the reader's own cgroup namespace ({@code /../../...}), and below any root.
 *
 * @param podUid as the API has it, with dashes; a static pod's is 32 hexadecimal digits
 * @param containerId 64 hexadecimal digits
 */
public record Cgroup(Optional<String> podUid, Optional<String> containerId) {
    private static final Pattern POD = Pattern.compile(
            "(?:^|[/-])pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32})(?:\\.slice)?(?=[/:]|$)");
    private static final Pattern CONTAINER = Pattern.compile("(?<![0-9a-f])([0-9a-f]{64})(?![0-9a-f])");

    /** In no pod. */
    static final Cgroup NONE = new Cgroup(Optional.empty(), Optional.empty());

    /** Of the contents of /proc/pid/cgroup: lines {@code hierarchy:controllers:path}, of which the first with a pod counts. */
    public static Cgroup parse(String contents) {
        return contents.lines()
                .map(line -> line.split(":", 3))
                .filter(fields -> fields.length == 3)
                .flatMap(fields -> ofPath(fields[2]).stream())
                .findFirst()
                .orElse(NONE);
    }

    private static Optional<Cgroup> ofPath(String path) {
        Matcher pod = POD.matcher(path);
        if (!pod.find()) {
            return Optional.empty();
        }
        Matcher container = CONTAINER.matcher(path.substring(pod.end()));
        Optional<String> id = container.find() ? Optional.of(container.group(1)) : Optional.empty();
        return Optional.of(new Cgroup(Optional.of(pod.group(1).replace('_', '-')), id));
    }
}
