package io.urvpn.agent;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.api.v1alpha1.Serialization;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus.ConnectionStatus;
import io.urvpn.host.NodeFiles;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a daemon told its launcher of its tunnel: the file {@code connection.json}, which the launcher writes anew with each
 * word of the daemon (connection.go). Its peer may have made parts of it up, so only what is of its shape is taken over.
 *
 * @param version of this format; another one is not understood
 * @param podUid pod of the launcher
 * @param at when the daemon last said anything
 * @param state in the daemon's own word
 * @param up the peer answers
 * @param connectedSince since when it does without a break
 * @param lastHandshakeAt last handshake or rekey
 * @param endpoint address and port of the peer
 * @param receivedBytes bytes received
 * @param sentBytes bytes sent
 * @param addresses that the peer gave, with their prefix length
 * @param mtu that the peer gave, in bytes
 * @param pushedRoutes that the peer asked for
 * @param lastError of the daemon, without secrets
 * @param lastErrorAt when that was
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record DaemonReport(
        int version,
        String podUid,
        Instant at,
        String state,
        boolean up,
        Instant connectedSince,
        Instant lastHandshakeAt,
        String endpoint,
        long receivedBytes,
        long sentBytes,
        List<String> addresses,
        Integer mtu,
        List<String> pushedRoutes,
        String lastError,
        Instant lastErrorAt) {

    private static final int VERSION = 1;
    private static final int MOST_ADDRESSES = 16;
    private static final int MOST_ROUTES = 64;
    private static final int SMALLEST_MTU = 576;
    private static final int LARGEST_MTU = 65535;
    private static final ObjectMapper JSON = Serialization.mapper();

    DaemonReport {
        addresses = prefixes(addresses, MOST_ADDRESSES);
        pushedRoutes = prefixes(pushedRoutes, MOST_ROUTES);
        mtu = mtu != null && mtu >= SMALLEST_MTU && mtu <= LARGEST_MTU ? mtu : null;
    }

    /** What the daemon of an instance has told its launcher; see {@link #read}. */
    static Optional<DaemonReport> of(NodeContext node, JournalEntry entry) {
        return read(
                node.host().files(),
                InstancePaths.of(node.settings(), entry.instance().uid()),
                entry.permittedPodUid());
    }

    /** The report of the pod that has the permit; empty where it has told nothing, or nothing that is understood. */
    static Optional<DaemonReport> read(NodeFiles files, InstancePaths paths, String podUid) {
        return files.read(paths.connection())
                .flatMap(DaemonReport::parse)
                .filter(report -> report.version() == VERSION
                        && report.at() != null
                        && report.state() != null
                        && podUid != null
                        && podUid.equals(report.podUid()));
    }

    private static Optional<DaemonReport> parse(byte[] content) {
        try {
            return Optional.ofNullable(JSON.readValue(content, DaemonReport.class));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Its last error as the end of a sentence; empty where it has told none. */
    String because() {
        return lastError == null ? "" : ". The daemon's last error: " + lastError;
    }

    /** As the attachment's status shows it. */
    ConnectionStatus status() {
        return new ConnectionStatus(
                Words.cut(state, 32),
                connectedSince,
                lastHandshakeAt,
                endpoint == null ? null : Words.cut(endpoint, 64),
                receivedBytes,
                sentBytes,
                addresses.isEmpty() ? null : addresses,
                mtu,
                pushedRoutes.isEmpty() ? null : pushedRoutes,
                lastError == null ? null : Words.cut(lastError, 256),
                lastErrorAt);
    }

    private static List<String> prefixes(List<String> texts, int most) {
        return texts == null
                ? List.of()
                : texts.stream().filter(DaemonReport::isPrefix).limit(most).toList();
    }

    private static boolean isPrefix(String text) {
        try {
            return text != null && !IpPrefix.parse(text).toString().isEmpty();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
