package io.urvpn.unit.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.Serialization;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatusNodeCleanupBuilder;
import io.urvpn.unit.cli.Plugin.Run;
import java.io.File;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** {@code kubectl vpn report}: the file, and how a browser shows it. */
class ReportTest {
    private static final ObjectMapper JSON = Serialization.mapper();
    private static final Pattern SVG = Pattern.compile("<svg.*?</svg>", Pattern.DOTALL);
    private static final Pattern SEEN = Pattern.compile("<pre id=\"seen\">(.*?)</pre>", Pattern.DOTALL);
    private static final double LEAST_CONTRAST = 4.5;

    /** What WCAG calls the contrast of each text, and how far it all reaches. */
    private static final String LOOK = """
        <pre id="seen"></pre><script>
        const rgb = c => (c.match(/[0-9.]+/g) || []).map(Number);
        const light = c => c.slice(0, 3).map(v => v / 255)
          .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
          .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
        const ground = e => {
          for (; e; e = e.parentElement) {
            const c = rgb(getComputedStyle(e).backgroundColor);
            if (c.length === 3 || c[3] > 0.99) return c;
          }
          return [255, 255, 255];
        };
        let least = 99, where = '', outside = [];
        for (const e of document.querySelectorAll('main *')) {
          const own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
          if (!own || ['title', 'style'].includes(e.tagName)) continue;
          const style = getComputedStyle(e);
          const svg = e instanceof SVGElement;
          const a = light(rgb(svg ? style.fill : style.color)), b = light(ground(e));
          const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
          if (contrast < least) { least = contrast; where = e.outerHTML.slice(0, 90); }
          const box = e.getBoundingClientRect();
          if (!e.closest('.scroll') && box.right > innerWidth + 1) outside.push(e.outerHTML.slice(0, 90));
        }
        document.getElementById('seen').textContent = btoa(unescape(encodeURIComponent(JSON.stringify({
          least, where, outside, wide: document.documentElement.scrollWidth - innerWidth,
          ground: getComputedStyle(document.body).backgroundColor,
          scripts: document.querySelectorAll('main script').length }))));
        </script>\
        """;

    @TempDir
    private Path directory;

    private String html(VpnCleanup cleanup) {
        return report(cleanup, "html").out();
    }

    private Run report(VpnCleanup cleanup, String form) {
        try (Plugin plugin = new Plugin(directory)) {
            plugin.there(cleanup);
            Run run = plugin.run("report", Cluster.ID, "-o", form);
            assertThat(run.exit()).as(run.err()).isZero();
            return run;
        }
    }

    @Test
    void theHtmlLoadsNothingAndHoldsNoMarkupOfOthers() {
        String html = html(Reports.troubled());
        assertThat(html)
                .contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;??[31m")
                .contains("content=\"default-src 'none'; style-src 'unsafe-inline'\"")
                .doesNotContain("<script", "\u202e", "\u001b", "href=", "src=", "url(", "@import");
        assertThat(html.replace("http://www.w3.org/2000/svg", "")).doesNotContain("://");
    }

    @Test
    void theTimelineHasABarForEachStepThatBegan() throws Exception {
        Element svg = svg(html(Reports.clean(2)));
        assertThat(bars(svg)).hasSize(10).allSatisfy(bar -> {
            double x = Double.parseDouble(bar.getAttribute("x"));
            double width = Double.parseDouble(bar.getAttribute("width"));
            assertThat(width).isGreaterThanOrEqualTo(4);
            assertThat(x + width).isLessThanOrEqualTo(960);
        });
        assertThat(bars(svg).stream().limit(5).map(bar -> bar.getTextContent()))
                .containsExactly(
                        "n1 THREAD_TERMINATION COMPLETED in 14 ms",
                        "n1 ROUTING_RULES_CLEAR COMPLETED in 6 ms",
                        "n1 VPN_DISCONNECT COMPLETED in 353 ms",
                        "n1 CONFIGURATION_UPDATE COMPLETED in 9 ms",
                        "n1 VERIFICATION_JOB COMPLETED in 70 ms");
        assertThat(bars(svg).stream().limit(5).map(bar -> Double.parseDouble(bar.getAttribute("x"))))
                .isSorted();
    }

    private static Element svg(String html) throws Exception {
        Matcher found = SVG.matcher(html);
        assertThat(found.find()).isTrue();
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(found.group())))
                .getDocumentElement();
    }

    private static List<Element> bars(Element svg) {
        NodeList all = svg.getElementsByTagName("rect");
        return Stream.iterate(0, i -> i < all.getLength(), i -> i + 1)
                .map(i -> (Element) all.item(i))
                .filter(rect -> rect.getAttribute("class").startsWith("bar"))
                .toList();
    }

    @Test
    void aNodeWhoseTimesAreKeptNoMoreIsCountedAndStillInTheTable() {
        String html = html(Reports.operation(
                OperationPhase.COMPLETED,
                "2 of 2 nodes verified",
                List.of(
                        Reports.verified("n1", 0),
                        VpnCleanupStatusNodeCleanupBuilder.builder(Reports.verified("n2", 0))
                                .components(null)
                                .componentMillis(List.of(14L, 6L, 340L, 9L, 71L))
                                .build())));
        assertThat(html).contains("1 node that ended well", "is not drawn").contains("<td>71 ms</td>");
        assertThat(Component.values()).hasSize(5);
    }

    @Test
    void textAndJsonAreTheWholeOperation() throws Exception {
        assertThat(report(Reports.clean(2), "text").out())
                .contains("Phase:      COMPLETED", "Node n2: verified", "THREAD_TERMINATION")
                .contains("Delivery:   Initial Acknowledged");
        assertThat(report(Reports.troubled(), "text").out())
                .contains("Delivery:   Initial Pending: the broker does not answer ")
                .doesNotContain("\u001b");
        assertThat(JSON.readTree(report(Reports.clean(2), "json").out())
                        .at("/status/phase")
                        .asText())
                .isEqualTo("COMPLETED");
    }

    /** In a real browser: nothing is wider than the window, and each text can be read in light and in dark. */
    @ParameterizedTest
    @CsvSource({"light,1180", "dark,1180", "light,500"})
    void aBrowserShowsAllOfItReadably(String scheme, int width) throws Exception {
        Optional<String> chromium = chromium();
        if (chromium.isEmpty()) {
            System.err.println("SKIPPED: no chromium here, so no browser looks at the report; Debian has it");
        }
        assumeThat(chromium).as("Debian's package chromium is installed").isPresent();
        JsonNode seen = look(chromium.get(), html(Reports.troubled()), scheme, width);
        assertThat(seen.at("/wide").asInt()).as(seen.toString()).isLessThanOrEqualTo(0);
        assertThat(seen.at("/outside")).isEmpty();
        assertThat(seen.at("/least").asDouble()).as(seen.toString()).isGreaterThanOrEqualTo(LEAST_CONTRAST);
        assertThat(seen.at("/ground").asText())
                .isEqualTo(scheme.equals("dark") ? "rgb(20, 23, 28)" : "rgb(255, 255, 255)");
        assertThat(seen.at("/scripts").asInt()).isZero();
    }

    private static Optional<String> chromium() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .map(place -> Path.of(place, "chromium"))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }

    /** The policy of the page lets no script run, so that of the test takes its place. */
    private JsonNode look(String chromium, String html, String scheme, int width)
            throws IOException, InterruptedException {
        Path page = Files.writeString(
                directory.resolve("page.html"),
                html.replace("default-src 'none'; style-src", "script-src 'unsafe-inline'; style-src")
                        .replace("</body>", LOOK + "</body>"));
        Path said = directory.resolve("dom");
        Process browser = new ProcessBuilder(
                        chromium,
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--no-first-run",
                        "--user-data-dir=" + directory.resolve("profile"),
                        "--blink-settings=preferredColorScheme=" + (scheme.equals("dark") ? 0 : 1),
                        "--window-size=" + width + ",900",
                        "--dump-dom",
                        page.toUri().toString())
                .redirectOutput(said.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            assertThat(browser.waitFor(2, TimeUnit.MINUTES)).isTrue();
        } finally {
            browser.destroyForcibly();
        }
        Matcher seen = SEEN.matcher(Files.readString(said));
        assertThat(seen.find()).as("the page was shown").isTrue();
        return JSON.readTree(Base64.getDecoder().decode(seen.group(1).getBytes(StandardCharsets.US_ASCII)));
    }
}
