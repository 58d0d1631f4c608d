package io.urvpn.cli;

import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.ComponentState;
import io.urvpn.api.v1alpha1.ComponentStatus;
import io.urvpn.api.v1alpha1.Intervention;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.VerificationReport;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatus;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.Counts;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.Delivery;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.NodeCleanup;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** An operation as one HTML file that loads nothing: a policy in it forbids that, and scripts too. */
final class HtmlReport {
    private static final List<String> HEADINGS = List.of("Thread", "Routes", "VPN", "Config", "Verification");
    private static final String DASH = "<span class=\"none\">\u2013</span>";

    private final VpnCleanup cleanup;
    private final Instant now;

    /**
     * Of an operation as it is.
     *
     * @param now the moment up to which what is under way is drawn
     */
    HtmlReport(VpnCleanup cleanup, Instant now) {
        this.cleanup = cleanup;
        this.now = now;
    }

    /** The file. */
    String html() {
        String title = "Cleanup of " + cleanup.getSpec().instance().name();
        Optional<VpnCleanupStatus> status = Optional.ofNullable(cleanup.getStatus());
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>%s</title>
            <style>
            %s</style>
            </head>
            <body>
            <main>
            %s%s%s%s%s%s%s</main>
            </body>
            </html>
            """.formatted(
                Html.escape(title),
                css(),
                head(title),
                status.map(VpnCleanupStatus::counts).map(HtmlReport::counts).orElse(""),
                timeline(),
                status.map(VpnCleanupStatus::interventions)
                        .map(HtmlReport::interventions)
                        .orElse(""),
                status.map(VpnCleanupStatus::nodes).map(this::nodes).orElse(""),
                status.map(VpnCleanupStatus::report)
                        .map(HtmlReport::verification)
                        .orElse(""),
                status.map(VpnCleanupStatus::deliveries)
                        .map(HtmlReport::deliveries)
                        .orElse(""));
    }

    private static String css() {
        try (InputStream file = HtmlReport.class.getResourceAsStream("report.css")) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String head(String title) {
        String phase = Words.phase(cleanup);
        String message = Optional.ofNullable(cleanup.getStatus())
                .map(VpnCleanupStatus::message)
                .orElse("the operator has not begun");
        return """
            <header>
            <h1>%s <span class="phase %s">%s</span></h1>
            <p class="message">%s</p>
            <dl>
            <div><dt>Operation</dt><dd><code>%s</code></dd></div>
            <div><dt>Why</dt><dd>%s</dd></div>
            <div><dt>Type</dt><dd>%s</dd></div>
            <div><dt>Interface</dt><dd><code>%s</code></dd></div>
            <div><dt>Requested</dt><dd>%s</dd></div>
            <div><dt>Ended</dt><dd>%s</dd></div>
            </dl>
            </header>
            """.formatted(
                        Html.escape(title),
                        Html.escape(phase.toLowerCase(Locale.ROOT).replace('_', '-')),
                        Html.escape(phase.replace('_', ' ').toLowerCase(Locale.ROOT)),
                        Html.escape(message),
                        Html.escape(cleanup.getMetadata().getName()),
                        Html.escape(Text.orDash(cleanup.getSpec().operation())),
                        Html.escape(Text.orDash(cleanup.getSpec().type())),
                        Html.escape(Text.orDash(cleanup.getSpec().interfaceName())),
                        Html.escape(Text.orDash(cleanup.getSpec().requestedAt())),
                        ended());
    }

    private String ended() {
        Instant at = cleanup.getStatus() == null ? null : cleanup.getStatus().completedAt();
        if (at == null) {
            return "not yet";
        }
        Instant from = cleanup.getSpec().requestedAt();
        String took = from == null ? "" : ", after " + Text.duration(Duration.between(from, at));
        return Html.escape(at + took);
    }

    private static String counts(Counts counts) {
        return "<ul class=\"counts\">\n"
                + count(counts.total(), "nodes", "")
                + count(counts.verified(), "verified", "good")
                + count(counts.pending(), "under way", "busy")
                + count(counts.failed(), "failed", "bad")
                + count(counts.notRead(), "not read", "care")
                + count(counts.debts(), "debts", "care")
                + "</ul>\n";
    }

    private static String count(Integer count, String what, String style) {
        int number = count == null ? 0 : count;
        return "<li class=\"%s\"><b>%d</b> %s</li>\n".formatted(number == 0 ? "zero" : style, number, what);
    }

    private String timeline() {
        long left = Timeline.left(cleanup);
        String more = left == 0
                ? ""
                : " " + Text.count(left, "node") + " that ended well, and whose times the operator" + " keeps no more, "
                        + (left == 1 ? "is" : "are") + " not drawn.";
        return Timeline.of(cleanup, now)
                .map(svg -> "<section>\n<h2>Timeline</h2>\n" + legend() + "<div class=\"scroll\">\n" + svg
                        + "</div>\n<p class=\"note\">From the first step on; time is drawn by its square root, so that"
                        + " milliseconds are seen beside seconds. Point at a bar to read it."
                        + more + "</p>\n</section>\n")
                .orElse("");
    }

    private static String legend() {
        return Arrays.stream(Component.values())
                .map(component -> "<li><span class=\"key %s\"></span>%s</li>"
                        .formatted(Timeline.style(component), component.name()))
                .collect(Collectors.joining("\n", "<ul class=\"legend\">\n", "\n</ul>\n"));
    }

    private static String interventions(List<Intervention> all) {
        if (all.isEmpty()) {
            return "";
        }
        String rows = all.stream()
                .map(one -> "<tr><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td class=\"text\">%s</td></tr>\n"
                        .formatted(
                                Html.escape(Text.orDash(one.at())),
                                Html.escape(Text.orDash(one.kind())),
                                Html.escape(Text.orDash(one.actor())),
                                Html.escape((one.component() == null
                                                ? "*"
                                                : one.component().name()) + "@"
                                        + (one.node() == null ? "*" : one.node())),
                                Html.escape(Text.orDash(one.reason()))))
                .collect(Collectors.joining());
        return "<section>\n"
                + "<h2>What people did</h2>\n"
                + "<div class=\"scroll\">\n"
                + "<table>\n"
                + "<thead><tr><th>When</th><th>What</th><th>Who</th><th>For</th><th>Why</th></tr></thead>\n"
                + "<tbody>\n" + rows
                + "</tbody>\n</table>\n</div>\n</section>\n";
    }

    private String nodes(List<NodeCleanup> nodes) {
        if (nodes.isEmpty()) {
            return "<section>\n<h2>Nodes</h2>\n<p>No node had it.</p>\n</section>\n";
        }
        return nodes.stream()
                .map(this::node)
                .collect(Collectors.joining(
                        "",
                        "<section>\n"
                                + "<h2>Nodes</h2>\n"
                                + "<div class=\"scroll\">\n"
                                + "<table class=\"nodes\">\n"
                                + "<thead><tr><th>Node</th><th>"
                                + String.join("</th><th>", HEADINGS) + "</th><th>Outcome</th></tr></thead>\n",
                        "</table>\n</div>\n</section>\n"));
    }

    private String node(NodeCleanup node) {
        StringBuilder row = new StringBuilder("<tbody>\n<tr><th scope=\"row\">")
                .append(Html.escape(node.node()))
                .append("</th>");
        for (Component component : Component.values()) {
            row.append("<td>").append(cell(node, component)).append("</td>");
        }
        row.append("<td>").append(outcome(node)).append("</td></tr>\n");
        notes(node)
                .forEach(note -> row.append("<tr class=\"detail\"><td colspan=\"7\">")
                        .append(note)
                        .append("</td></tr>\n"));
        return row.append("</tbody>\n").toString();
    }

    private static String cell(NodeCleanup node, Component component) {
        Optional<ComponentStatus> status = Words.orEmpty(node.components()).stream()
                .filter(one -> one.component() == component)
                .findFirst();
        if (status.isPresent()) {
            ComponentStatus one = status.get();
            String took = one.durationMillis() == null ? "" : " " + Text.millis(one.durationMillis());
            String attempt = one.attempt() == null || one.attempt() < 2 ? "" : " #" + one.attempt();
            return "<span class=\"state %s\">%s</span>%s"
                    .formatted(Html.word(one.status()), word(one), Html.escape(took + attempt));
        }
        boolean known = node.componentMillis() != null && node.componentMillis().size() > component.ordinal();
        Long millis = known ? node.componentMillis().get(component.ordinal()) : null;
        return millis == null ? DASH : Html.escape(Text.millis(millis));
    }

    private static String word(ComponentStatus component) {
        if (component.status() == ComponentState.COMPLETED) {
            return "\u2713";
        }
        return component.status() == null
                ? "?"
                : component.status().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private String outcome(NodeCleanup node) {
        if (node.outcome() == null) {
            return "<span class=\"outcome %s\">%s</span>"
                    .formatted(
                            Reasons.VERIFICATION_FAILED.equals(node.pendingReason()) ? "bad" : "busy",
                            Html.escape(Text.orDash(node.pendingReason() == null ? "pending" : node.pendingReason())));
        }
        boolean read = node.outcome() == Outcome.VERIFIED || node.outcome() == Outcome.VERIFIED_IN_PART;
        String before = node.earlierOutcome() == null ? "" : ", before that " + Words.outcome(node.earlierOutcome());
        return "<span class=\"outcome %s\">%s</span>%s"
                .formatted(read ? "good" : "care", Html.escape(Words.outcome(node.outcome())), Html.escape(before));
    }

    /** What a row has no room for, and nothing of what went as it should. */
    private List<String> notes(NodeCleanup node) {
        List<String> notes = new ArrayList<>();
        if (node.pendingMessage() != null) {
            String since = node.pendingSince() == null ? "" : " (for " + Text.age(node.pendingSince(), now) + ")";
            notes.add(Html.escape(node.pendingMessage() + since));
        }
        Words.orEmpty(node.components()).stream()
                .filter(component -> component.error() != null)
                .forEach(component -> notes.add("<b>%s</b> %s: %s"
                        .formatted(
                                Html.escape(Text.orDash(component.component())),
                                Html.escape(Text.orDash(component.error().code())),
                                Html.escape(Text.orDash(component.error().message())))));
        if (!Words.orEmpty(node.skipped()).isEmpty()) {
            notes.add(Html.escape("A person skipped "
                    + node.skipped().stream().map(Text::orDash).collect(Collectors.joining(", "))));
        }
        return notes;
    }

    private static String deliveries(List<Delivery> all) {
        return all.isEmpty()
                ? ""
                : all.stream()
                        .map(one -> "<li>" + Html.escape(Words.delivery(one)) + "</li>\n")
                        .collect(Collectors.joining(
                                "", "<section>\n<h2>Messages</h2>\n<ul class=\"message\">\n", "</ul>\n</section>\n"));
    }

    private static String verification(VerificationReport report) {
        return "<section>\n"
                + "<h2>What was read, over all nodes</h2>\n"
                + "<div class=\"scroll\">\n"
                + "<table class=\"read\">\n"
                + "<tbody>\n"
                + part("Processes", report.thread().exists(), report.thread().details())
                + part(
                        "Rules and routes",
                        report.routing().exists(),
                        report.routing().details())
                + part("Interfaces", report.vpn().exists(), report.vpn().details())
                + part(
                        "Configuration",
                        report.configuration().exists(),
                        report.configuration().details())
                + "</tbody>\n</table>\n</div>\n</section>\n";
    }

    private static String part(String what, boolean exists, String details) {
        boolean unread = exists && VerificationReport.NOT_READ.equals(details);
        String state = unread ? "care\">not read" : exists ? "bad\">found" : "good\">gone";
        return "<tr><th scope=\"row\">%s</th><td><span class=\"outcome %s</span></td><td class=\"text\">%s</td></tr>\n"
                .formatted(what, state, Html.escape(Text.orDash(details)));
    }
}
