package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Reads a node with the tools of its distribution: it shares no code with the agent. */
record Node(String name) {

    /** Policy rules, both families, as ip-rule(8) prints them. */
    List<String> rules() {
        return lines(CLUSTER.bash(name, "ip -d -4 rule show; ip -d -6 rule show"));
    }

    /** Routes of every table, both families, as ip-route(8) prints them; ages of IPv6 routes left out. */
    List<String> routes() {
        return lines(CLUSTER.bash(name, "ip -d -4 route show table all; ip -d -6 route show table all")).stream()
                .map(line -> line.replaceAll(" expires [0-9]+sec", ""))
                .toList();
    }

    /** Links as ip-link(8) prints them. */
    List<String> links() {
        return lines(CLUSTER.on(name, "ip", "-d", "-o", "link", "show"));
    }

    /** Tables of nftables with all that is in them. */
    List<String> packetFilter() {
        return lines(CLUSTER.on(name, "nft", "list", "ruleset"));
    }

    /** Processes by ps(1): pid and arguments. */
    List<String> processes() {
        return lines(CLUSTER.on(name, "ps", "-eo", "pid=,args="));
    }

    /** Everything below the two directories of the agent. */
    List<String> files() {
        return lines(CLUSTER.bash(name, "find /run/ur-vpn /var/lib/ur-vpn -mindepth 1"));
    }

    /** Everything that is or names an instance on this node, where it is the only one: every route and rule that may be its. */
    List<String> tracesOf(String uid, String link) {
        return traces(uid, link, line -> line.contains("proto 200"));
    }

    void hasNoTraceOf(String uid, String link) {
        assertThat(tracesOf(uid, link)).as("what is left on %s", name).isEmpty();
    }

    /** As {@link #hasNoTraceOf}, beside other instances: it knows the routes and rules by the routing table. */
    void hasNoTraceBesideOthersOf(String uid, String link, int table) {
        assertThat(traces(uid, link, line -> (line + " ").contains(" " + table + " ")))
                .as("what is left on %s", name)
                .isEmpty();
    }

    private List<String> traces(String uid, String link, Predicate<String> routing) {
        String table = "urvpn-" + uid.substring(0, 8);
        Predicate<String> ours = line -> line.contains(uid)
                || line.contains(" " + link + " ")
                || line.contains(" " + link + ":")
                || line.contains(table)
                || line.endsWith(" " + link);
        return Stream.of(
                        matching(rules(), routing),
                        matching(routes(), routing),
                        matching(links(), ours),
                        matching(packetFilter(), ours),
                        matching(processes(), ours),
                        matching(files(), ours))
                .flatMap(List::stream)
                .toList();
    }

    /** Its boot id, as its own /proc has it. */
    String bootId() {
        return CLUSTER.on(name, "cat", "/proc/sys/kernel/random/boot_id").strip();
    }

    /** Uid of its Node object. */
    String uid() {
        return CLUSTER.client.nodes().withName(name).get().getMetadata().getUid();
    }

    /** True where the machine runs. */
    private boolean isUp() {
        return CLUSTER.tryOn(name, "", "true").exit() == 0;
    }

    /** Boots it where a test has left it without power, and waits until it is ready. */
    void bringBack() {
        if (!isUp()) {
            CLUSTER.script("reboot", name);
        }
        becomes("True");
    }

    /** Waits until its condition Ready has that status. */
    void becomes(String ready) {
        await("node " + name + " is Ready=" + ready)
                .atMost(Duration.ofSeconds(120))
                .pollInterval(Duration.ofMillis(500))
                .until(() -> ready().filter(ready::equals).isPresent());
    }

    /** Status of the condition Ready; empty where there is no such Node. */
    private Optional<String> ready() {
        return Optional.ofNullable(CLUSTER.client.nodes().withName(name).get())
                .flatMap(found -> found.getStatus().getConditions().stream()
                        .filter(condition -> "Ready".equals(condition.getType()))
                        .map(condition -> condition.getStatus())
                        .findFirst());
    }

    /** Neither kubelet nor agent reach the API server any more; its tunnels run on. */
    void cutOff() {
        CLUSTER.tryOn(name, """
                table inet cut {
                  chain output { type filter hook output priority filter; tcp dport 443 drop; }
                  chain input { type filter hook input priority filter; tcp sport 443 drop; }
                }
                """, "nft", "-f", "-");
    }

    /** Ends {@link #cutOff}, where it was. */
    void rejoin() {
        CLUSTER.tryOn(name, "", "nft", "delete", "table", "inet", "cut");
    }

    /** Sends the agent a signal by its name. */
    void signalAgent(String signal) {
        List<String> agent = pids("/opt/java/bin/java", "agent");
        assertThat(agent).as("agents on %s", name).hasSize(1);
        CLUSTER.on(name, "kill", "-" + signal, agent.getFirst());
    }

    /** Process ids of what runs with these words in its arguments. */
    List<String> pids(String... words) {
        return processes().stream()
                .filter(line -> List.of(words).stream().allMatch(line::contains))
                .filter(line -> !line.contains("bash -c"))
                .map(line -> line.strip().split(" ", 2)[0])
                .toList();
    }

    void kill(List<String> pids) {
        assertThat(pids).as("processes to kill on %s", name).isNotEmpty();
        pids.forEach(pid -> CLUSTER.on(name, "kill", "-9", pid));
    }

    private static List<String> matching(List<String> lines, Predicate<String> wanted) {
        return lines.stream().filter(wanted).toList();
    }

    private static List<String> lines(String text) {
        return text.lines().filter(line -> !line.isBlank()).toList();
    }
}
