package io.urvpn.unit.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class ValuesPageTest {
    @Test
    void whatIsCommittedIsWhatTheChartSays() throws IOException {
        assertThat(ValuesPage.FILE)
                .as("is not what the chart's values say: run make generate")
                .hasContent(ValuesPage.text());
    }

    @Test
    void eachValueIsExplained() throws IOException {
        assertThat(ValuesPage.unexplained())
                .as("have neither a comment in values.yaml nor a description in values.schema.json")
                .isEmpty();
    }
}
