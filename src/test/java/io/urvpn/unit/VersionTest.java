package io.urvpn.unit;

import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.cli.KubectlVpn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine.Command;

/** The version stands in several places; pom.xml has the one that counts. */
class VersionTest {
    private static String found(String file, String pattern) throws IOException {
        Matcher matcher = Pattern.compile(pattern, Pattern.MULTILINE).matcher(Files.readString(Path.of(file)));
        assertThat(matcher.find()).as("%s has %s", file, pattern).isTrue();
        return matcher.group(1);
    }

    private static String version() throws IOException {
        return found("pom.xml", "^  <version>(.*)</version>");
    }

    @ParameterizedTest
    @CsvSource({
        "helm/ur-vpn-operator/Chart.yaml, ^version: (.*)$",
        "helm/ur-vpn-operator/Chart.yaml, ^appVersion: (.*)$",
        "images/operator/Containerfile, urvpn/operator:(\\S+)",
        "images/runtime/Containerfile, urvpn/runtime:(\\S+)",
    })
    void isTheSameIn(String file, String pattern) throws IOException {
        assertThat(found(file, pattern)).isEqualTo(version());
    }

    @Test
    void isTheSameInThePlugin() throws IOException {
        assertThat(KubectlVpn.class.getAnnotation(Command.class).version()).containsExactly("kubectl-vpn " + version());
    }
}
