package io.urvpn.kernel.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the launcher itself refuses, whatever let it come so far: charon is never started with it. */
class IpsecConfigurationTest {
    private static Path launcher;

    @TempDir
    Path directory;

    private Pod pod;

    @BeforeAll
    static void compile() throws Exception {
        launcher = Pod.compile();
        Pod.compileNetguard();
    }

    @AfterEach
    void end() throws Exception {
        pod.kill();
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', textBlock = """
            net {,                         net { updown = /bin/sh
            net {,                         net { } other : net {
            net {,                         net { mode = transport
            net {,                         net { mode = pass
            net {,                         net { reqid = 7
            net {,                         net { mark_out = 7
            net {,                         net { if_id_in = 7
            net {,                         net { hw_offload = yes
            net {,                         net { `updown` = x
            net {,                         net { a.updown = x
            version = 2,                   local_port = 500
            version = 2,                   version = 2 updown = /bin/sh
            version = 2,                   include /etc/swanctl/*.conf
            version = 2,                   pools = x
            version = 2,                   version = 2;
            auth = psk,                    certs = ../../etc/passwd
            auth = psk,                    certs = /etc/passwd
            secret = "top-secret-words",   file = ../ca.key
            secret = "top-secret-words",   secret = "top-secret-words" more
            secret = "top-secret-words",   secret = "top-secret-words\\n"
            ike-office {,                  token {
            connections {,                 authorities { } connections {
            """)
    void refuses(String written, String instead) throws Exception {
        String good = IpsecPeer.client("n1", "192.0.2.2", "top-secret-words");
        assertThat(good).contains(written);
        long line = 1
                + good.substring(0, good.indexOf(written))
                        .chars()
                        .filter(letter -> letter == '\n')
                        .count();
        Files.writeString(
                directory.resolve("tunnel.conf"),
                good.replaceFirst(Pattern.quote(written), Matcher.quoteReplacement(instead)));
        Files.createDirectories(directory.resolve("node"));
        Files.writeString(directory.resolve("node/table"), "20007\n");
        pod = Pod.start(launcher, directory, "true", "IPsec");

        pod.grant(Pod.UID);

        await().atMost(Duration.ofSeconds(10))
                .until(() -> pod.log().contains("the configuration is refused: line " + line + " "));
        assertThat(pod.log()).doesNotContain("top-secret-words").doesNotContain("from\":\"daemon");
        assertThat(pod.hasLink()).isFalse();
    }
}
