package io.urvpn.tunnel;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Why a setting or section of swanctl.conf is refused, by its name (swanctl.conf(5) of strongSwan 5.9). What stands nowhere
 * is refused too.
 */
final class SwanctlRefusals {
    private static final Map<String, String> REASONS = new HashMap<>();
    /** Of sections for whose names strongSwan takes everything that begins so. */
    private static final Pattern WITH_SUFFIX =
            Pattern.compile("(token|ppk|ntlm|cert|cacert)[A-Za-z0-9_-]*", Pattern.CASE_INSENSITIVE);

    static {
        refuse(
                "would run a program on the node; none is run here. What it did belongs into the VpnInstance: remove it",
                "updown hostaccess");
        refuse(
                "is decided for each instance, so that what it leaves on a node is known for its own; remove it",
                "reqid if_id_in if_id_out mark_in mark_in_sa mark_out set_mark_in set_mark_out");
        refuse(
                "belongs into spec.routes and spec.rules of the VpnInstance: which packets take the tunnel is decided by"
                        + " routes; remove it",
                "policies policies_fwd_out priority interface");
        refuse("is for the hardware of one node; remove it", "hw_offload");
        refuse("compresses before it encrypts, so that content can be guessed from lengths; remove it", "ipcomp");
        refuse("does not encrypt; give esp_proposals", "ah_proposals");
        refuse("is for labels of SELinux, which are not supported; remove it", "label label_mode");
        refuse("is taken from what is free, so that several instances live on one node; remove it", "local_port");
        refuse("would end a tunnel that is to stay up; remove it", "inactivity");
        refuse(
                "is for smart cards, which are not supported; give certificate and key as keys of the Secret",
                "token handle slot module pin");
        refuse("is not supported; remove it", "ppk ppk_id ppk_required mediation mediated_by mediation_peer");
        refuse("is not supported; give the password itself in a section eap", "ntlm");
        refuse("is not supported; name the certificate's key of the Secret with certs or cacerts", "cert cacert");
        refuse("is not supported; give the certificate with certs, which has the public key", "pubkeys");
        refuse("is for who answers, and a node calls; remove it", "pools groups");
        refuse(
                "is not supported; name the certificates of authorities with cacerts in the section remote",
                "authorities authority");
    }

    private SwanctlRefusals() {}

    private static void refuse(String reason, String names) {
        for (String name : names.split(" ")) {
            REASONS.put(name, reason);
        }
    }

    /**
     * What to say of a name that is not allowed. It is told only where it is known, as it may be a secret.
     *
     * @param name of a section or setting
     * @param where in what it stands, such as "a connection"
     */
    static String reason(String name, String where) {
        String reason = REASONS.get(name.toLowerCase(java.util.Locale.ROOT));
        if (reason != null) {
            return name + " " + reason;
        }
        var matcher = WITH_SUFFIX.matcher(name);
        return matcher.matches()
                ? matcher.group(1) + " " + REASONS.get(matcher.group(1).toLowerCase(java.util.Locale.ROOT))
                : "is nothing that may stand in " + where + "; docs/ipsec.md lists what may";
    }
}
