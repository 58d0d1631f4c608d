package io.urvpn.agent;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.urvpn.api.v1alpha1.InstanceReference;
import io.urvpn.api.v1alpha1.Verdict;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus.DetachStatus;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus.RepairStatus;
import io.urvpn.api.v1alpha1.VpnType;
import io.urvpn.host.FilterTable;
import java.time.Instant;
import java.util.List;

/**
 * What the registry knows of one instance on this node: written before anything is done, so that all that was done can
 * be found again.
 *
 * @param version of this format; always {@link #VERSION}
 * @param state active, or a detachment record
 * @param instance the instance
 * @param attachmentName name of its attachment
 * @param attachmentUid uid of its attachment
 * @param type of the VPN; {@code null} where a newer version knows more types
 * @param interfaceName name of the interface; nobody else gets it while this entry stands
 * @param absentAtRegistration no interface of that name was there when the name was given
 * @param protocol protocol number of its routes and rules
 * @param table its routing table and the priority of its rules; {@code null} where it never got one
 * @param bootId boot in which {@code ifindex} means something
 * @param ifindex index of its interface; {@code null} where none was seen in this boot
 * @param podUids uids of every pod that had a permit and was not seen to be gone, the newest last
 * @param permittedPodUid uid of the pod that holds the permit
 * @param addresses addresses that were added to the interface
 * @param masquerade an nftables table was asked for; so it was called when that was all that one did
 * @param filter what that table was last made to do; {@code null} where there is none, or an earlier version made it
 * @param endpoints addresses of the tunnel's peers as they were last known, where the kill switch leaves them out
 * @param publicKey public half of the key that this node makes for its attachment (base64), on record before the private
 *     half is on the disk; {@code null} where it makes none, or has destroyed it
 * @param appliedGeneration generation of the attachment that was last in place as a whole
 * @param repairs what was put right
 * @param cut what cut the node off and was taken back
 * @param detach the steps of its detach
 * @param verdict the last answer to an ask for a verification
 */
@RecordBuilder
public record JournalEntry(
        int version,
        State state,
        InstanceReference instance,
        String attachmentName,
        String attachmentUid,
        VpnType type,
        String interfaceName,
        boolean absentAtRegistration,
        int protocol,
        Integer table,
        String bootId,
        Integer ifindex,
        List<String> podUids,
        String permittedPodUid,
        List<String> addresses,
        boolean masquerade,
        FilterTable filter,
        List<String> endpoints,
        String publicKey,
        Long appliedGeneration,
        RepairStatus repairs,
        Cut cut,
        DetachStatus detach,
        Verdict verdict) {

    /** The format that this agent writes and reads. */
    public static final int VERSION = 1;

    /** What an entry stands for. */
    public enum State {
        /** The instance is, or may be, on the node. */
        @JsonProperty("Active")
        ACTIVE,
        /** Its steps have run; identities are kept for the verification and so that its name is not given out again. */
        @JsonProperty("Detached")
        DETACHED
    }

    /**
     * Routes that cut the node off and were taken back.
     *
     * @param generation of the attachment that asked for them
     * @param at when they were taken back
     */
    public record Cut(long generation, Instant at) {}

    /** Lists are never {@code null}. */
    public JournalEntry {
        podUids = podUids == null ? List.of() : List.copyOf(podUids);
        addresses = addresses == null ? List.of() : List.copyOf(addresses);
        endpoints = endpoints == null ? List.of() : List.copyOf(endpoints);
    }

    /** What its nftables table was last made to do; an earlier version knew masquerading alone. */
    public FilterTable lastFilter() {
        if (filter != null) {
            return filter;
        }
        return masquerade ? FilterTable.MASQUERADING : FilterTable.NONE;
    }

    /** In another boot: interfaces, addresses and permits of the last one are gone. */
    public JournalEntry inBoot(String boot) {
        if (boot.equals(bootId)) {
            return this;
        }
        return JournalEntryBuilder.builder(this)
                .bootId(boot)
                .ifindex(null)
                .permittedPodUid(null)
                .addresses(List.of())
                .appliedGeneration(null)
                .build();
    }
}
