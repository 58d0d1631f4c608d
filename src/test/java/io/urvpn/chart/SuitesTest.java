package io.urvpn.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.urvpn.apiserver.api.Chart;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** The suites of helm-unittest that stand beside the chart, each of their tests as one of ours. */
class SuitesTest {
    @TempDir
    Path directory;

    @TestFactory
    List<DynamicTest> suites() throws Exception {
        Path report = directory.resolve("report.xml");
        Tool.Run run = Tool.HELM_UNITTEST.run(
                "",
                List.of(
                        "--strict",
                        "--color=false",
                        "--output-type",
                        "JUnit",
                        "--output-file",
                        report.toString(),
                        Chart.DIRECTORY.toString()));
        List<DynamicTest> tests = new ArrayList<>();
        NodeList cases = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(report.toFile())
                .getElementsByTagName("testcase");
        for (int i = 0; i < cases.getLength(); i++) {
            tests.add(test((Element) cases.item(i)));
        }
        assertThat(tests).as(run.out() + run.err()).isNotEmpty();
        // what is wrong with a suite as a whole is in none of its tests
        tests.add(dynamicTest(
                "helm-unittest ends without an error",
                () -> assertThat(run.exit()).as(run.out() + run.err()).isZero()));
        return tests;
    }

    private static DynamicTest test(Element of) {
        String name = of.getAttribute("classname") + ": " + of.getAttribute("name");
        return dynamicTest(name, () -> {
            for (String problem : List.of("failure", "error", "skipped")) {
                NodeList found = of.getElementsByTagName(problem);
                assertThat(found.getLength())
                        .as(() -> found.item(0).getTextContent())
                        .isZero();
            }
        });
    }
}
