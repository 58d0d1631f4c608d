package io.urvpn.unit.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What the checks of the documentation see of a page. */
class PageTest {
    private static final Page PAGE = new Page(Path.of("docs/page.md"), """
            # A page: of `code`

            Text with [a link](other.md#there), `make
            test` and <img src="life.svg">.

                kubectl get vpn      # a comment
                # ## no heading

                helm upgrade ur-vpn helm/ur-vpn-operator \\
                  --set log.level=DEBUG,log.json=false && me=$(kubectl auth whoami -o name)

            - item

            ```
            make demo YES=1
            ```

            ## Twice

            ## Twice
            """);

    @Test
    void headingsBecomeAnchors() {
        assertThat(PAGE.anchors()).containsExactly("a-page-of-code", "twice", "twice-1");
    }

    @Test
    void linksAndPicturesAreFound() {
        assertThat(PAGE.links()).containsExactly(new Page.Link("other.md", "there"), new Page.Link("life.svg", ""));
    }

    @Test
    void commandsAreFoundInBlocksAndInTheText() {
        assertThat(ShellCommand.of(PAGE))
                .extracting(ShellCommand::words)
                .map(words -> String.join(" ", words))
                .containsExactly(
                        "kubectl get vpn",
                        "helm upgrade ur-vpn helm/ur-vpn-operator --set log.level=DEBUG,log.json=false",
                        "kubectl auth whoami -o name",
                        "make demo YES=1",
                        "make test");
    }
}
