package io.urvpn.unit.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.host.NodeProcess;
import io.urvpn.host.linux.Cgroup;
import io.urvpn.host.linux.LinuxProcesses;
import io.urvpn.host.linux.ProcessStat;
import io.urvpn.host.linux.Sandboxes;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcTextTest {
    private static final String POD = "0f3c2a51-7b1e-4c55-9d1a-0123456789ab";
    private static final String ID = "0123456789abcdef".repeat(4);

    @ParameterizedTest
    @ValueSource(
            strings = {
                // cgroupfs driver, v1, v2, below another root, seen from another cgroup namespace
                "9:name=systemd:/\n8:pids:/kubepods/burstable/podUID/ID\n0::/",
                "0::/kubepods/besteffort/podUID/ID",
                "0::/ke-12-n1/kubepods/podUID/ID",
                "0::/../../podUID/ID",
                // systemd driver
                "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podSLICE.slice/cri-containerd-ID.scope",
                "0::/../../kubepods-podSLICE.slice/crio-ID.scope",
                "11:memory:/system.slice/containerd.service/kubepods-besteffort-podSLICE.slice:cri-containerd:ID"
            })
    void podAndContainerAreReadFromEveryFormOfACgroup(String form) {
        String text =
                form.replace("UID", POD).replace("SLICE", POD.replace('-', '_')).replace("ID", ID);
        assertThat(Cgroup.parse(text + "\n")).isEqualTo(new Cgroup(Optional.of(POD), Optional.of(ID)));
    }

    @Test
    void aStaticPodHasNoDashes() {
        String uid = "ab".repeat(16);
        assertThat(Cgroup.parse("0::/kubepods/burstable/pod" + uid + "/" + ID))
                .isEqualTo(new Cgroup(Optional.of(uid), Optional.of(ID)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0::/",
                "0::/user.slice/user-0.slice/session-1.scope",
                "0::/system.slice/mypod0f3c2a51-7b1e-4c55-9d1a-0123456789ab.service",
                "0::/kubepods/podnothing/x",
                "0::/kubepods/pod0f3c2a51-7b1e-4c55-9d1a-0123456789abc/x"
            })
    void whatIsNoPodIsNone(String text) {
        assertThat(Cgroup.parse(text).podUid()).isEmpty();
    }

    @Test
    void aNameMayHoldWhatDividesTheFields() {
        ProcessStat stat =
                ProcessStat.parse("42 (a ) b( c) S 7 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 9 0 123456 1 2 3");
        assertThat(stat).isEqualTo(new ProcessStat("a ) b( c", 'S', 7, 4194560, 9, 123456));
        assertThat(stat.ended()).isFalse();
        assertThat(stat.kernelThread()).isFalse();
    }

    @Test
    void aZombieHasEndedUnlessAnotherOfItsThreadsRuns() {
        assertThat(new ProcessStat("x", 'Z', 1, 0, 1, 5).ended()).isTrue();
        assertThat(new ProcessStat("x", 'Z', 1, 0, 0, 5).ended()).isTrue();
        assertThat(new ProcessStat("x", 'Z', 1, 0, 2, 5).ended()).isFalse();
        assertThat(new ProcessStat("kthreadd", 'S', 0, 0x00200040, 1, 0).kernelThread())
                .isTrue();
    }

    @Test
    void theMarkIsAWholeVariable() {
        assertThat(mark("A=1\0URVPN_INSTANCE_UID=u-1\0B=2\0")).contains("u-1");
        assertThat(mark("URVPN_INSTANCE_UID=u-1")).contains("u-1");
        assertThat(mark("XURVPN_INSTANCE_UID=u-1\0A=URVPN_INSTANCE_UID=u\0URVPN_INSTANCE_UID=\0"))
                .isEmpty();
        assertThat(mark("")).isEmpty();
    }

    private static Optional<String> mark(String environment) {
        return LinuxProcesses.mark(environment.getBytes(StandardCharsets.UTF_8));
    }

    private static NodeProcess process(int pid, long start, String name, String pod, String container, int parent) {
        return new NodeProcess(
                pid,
                start,
                name,
                Optional.of(pod).filter(uid -> !uid.isEmpty()),
                Optional.of(container),
                Optional.empty(),
                false,
                parent);
    }

    @Test
    void theSandboxIsTheFirstProcessOfItsPodAndNotWhatIsCalledLikeIt() {
        List<NodeProcess> processes = List.of(
                process(10, 1, "shim", "", "", 1),
                process(11, 5, "pause", "p", "sandbox", 10),
                process(12, 6, "launcher", "p", "c", 10),
                process(13, 7, "pause", "p", "c", 12),
                process(14, 7, "pause", "p", "d", 10),
                process(15, 3, "pause", "", "", 1),
                process(16, 3, "first", "q", "e", 10),
                process(17, 4, "pause", "q", "f", 10));

        assertThat(Sandboxes.mark(processes, process -> true))
                .filteredOn(NodeProcess::sandbox)
                .extracting(NodeProcess::pid)
                .containsExactly(11);
        assertThat(Sandboxes.mark(processes, process -> false)).noneMatch(NodeProcess::sandbox);
    }

    @Test
    void aSandboxWithASecondProcessInItIsNone() {
        List<NodeProcess> processes =
                List.of(process(11, 5, "pause", "p", "sandbox", 1), process(12, 6, "sleep", "p", "sandbox", 1));
        assertThat(Sandboxes.mark(processes, process -> true)).noneMatch(NodeProcess::sandbox);
    }
}
