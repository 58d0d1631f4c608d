package io.urvpn.chart;

import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.apiserver.api.Chart;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LintTest {
    @ParameterizedTest
    @EnumSource
    void helmFindsNothingToSayAboutIt(Rendered rendered) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("lint", "--strict", Chart.DIRECTORY.toString()));
        command.addAll(List.of(rendered.arguments()));
        Chart.Run lint = Chart.helm(command);
        assertThat(lint.output()).contains("0 chart(s) failed").doesNotContain("[WARNING]", "[ERROR]");
        assertThat(lint.exitCode()).isZero();
    }
}
