package io.urvpn.cli;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/** What the API server said, and for a right that is missing the command that grants it. */
final class Refusals {
    /** As kube-apiserver says it (apiserver/pkg/endpoints/handlers/responsewriters/errors.go). */
    private static final Pattern RBAC =
            Pattern.compile("User \"(?<user>.*)\" cannot (?<verb>\\S+) resource \"(?<resource>[^\"]+)\" in API group"
                    + " \"(?<group>[^\"]*)\"(?: in the namespace \"(?<namespace>[^\"]*)\"| at the cluster scope)");
    /** As the chart's policy ur-vpn-people.urvpn.io says it. */
    private static final Pattern POLICY = Pattern.compile(
            "needs the verb (?<verb>\\S+) on (?<resource>[a-z]+)\\.(?<group>[a-z.]+), which (?<user>.*) does not have");

    private static final Pattern ACCOUNT = Pattern.compile("system:serviceaccount:([^:]+):([^:]+)");
    private static final int LONGEST_NAME = 200;

    private Refusals() {}

    /** In one line, in the words of the API server where it refused. */
    static String line(Exception failure) {
        if (!(failure instanceof KubernetesClientException refused)) {
            return String.valueOf(failure.getMessage());
        }
        if (refused.getStatus() != null && refused.getStatus().getMessage() != null) {
            return refused.getStatus().getMessage();
        }
        if (refused.getCode() == 401) {
            return "the API server does not know you: the credentials of the kubeconfig are missing or have expired";
        }
        // fabric8 has the code of the answer, or -1 or 0
        return refused.getCode() > 0 ? String.valueOf(refused.getMessage()) : unanswered(refused);
    }

    private static String unanswered(KubernetesClientException failure) {
        boolean encryption = false;
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
            encryption |= cause instanceof SSLException;
        }
        String why = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        if (cause instanceof UnknownHostException) {
            return "the API server's name is not known here: " + why;
        }
        return (encryption ? "no trusted connection to the API server: " : "the API server does not answer: ") + why;
    }

    /** What helps; empty where no right is missing. */
    static List<String> help(Exception failure) {
        if (!(failure instanceof KubernetesClientException)) {
            return List.of();
        }
        String said = line(failure);
        return Optional.of(RBAC.matcher(said))
                .filter(Matcher::find)
                .or(() -> Optional.of(POLICY.matcher(said)).filter(Matcher::find))
                .map(Refusals::grant)
                .orElse(List.of());
    }

    private static List<String> grant(Matcher missing) {
        String user = missing.group("user");
        String verb = missing.group("verb");
        String[] resource = missing.group("resource").split("/", 2);
        String group = missing.group("group");
        String full =
                resource[0] + (group.isEmpty() ? "" : "." + group) + (resource.length > 1 ? "/" + resource[1] : "");
        String name = name(verb + "-" + missing.group("resource") + "-" + user);
        return List.of(
                "missing: the verb " + verb + " on " + full + ", for " + user + ". Who may grant it, does so by:",
                "  kubectl create clusterrole " + name + " --verb=" + verb + " --resource=" + full
                        + " && kubectl create clusterrolebinding " + name + " --clusterrole=" + name + " "
                        + subject(user));
    }

    private static String subject(String user) {
        Matcher account = ACCOUNT.matcher(user);
        return account.matches()
                ? "--serviceaccount=" + account.group(1) + ":" + account.group(2)
                : "--user=" + quoted(user);
    }

    private static String quoted(String word) {
        return word.matches("[A-Za-z0-9._:@/+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }

    private static String name(String of) {
        String name = "ur-vpn-" + of.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
        return name.substring(0, Math.min(LONGEST_NAME, name.length())).replaceAll("-+$", "");
    }
}
