package io.urvpn.unit.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinksTest {
    @Test
    void eachLinkLeadsToAFileAndAHeadingOfIt() {
        List<String> broken = new ArrayList<>();
        for (Page page : Page.all()) {
            for (Page.Link link : page.links()) {
                if (!link.target().contains("://") && !leads(page, link)) {
                    broken.add(page.file() + ": " + link);
                }
            }
        }
        assertThat(broken).isEmpty();
    }

    @Test
    void theIndexNamesEachPageOfDocs() {
        List<String> named = Page.of(Path.of("docs/README.md")).links().stream()
                .map(Page.Link::target)
                .toList();
        List<String> forgotten = Page.all().stream()
                .map(Page::file)
                .filter(file -> Path.of("docs").equals(file.getParent()))
                .map(file -> file.getFileName().toString())
                .filter(name -> !name.equals("README.md") && !named.contains(name))
                .toList();
        assertThat(forgotten).isEmpty();
    }

    private static boolean leads(Page page, Page.Link link) {
        Path file = link.target().isEmpty()
                ? page.file()
                : page.file().resolveSibling(link.target()).normalize();
        return Files.exists(file)
                && (link.heading().isEmpty() || Page.of(file).anchors().contains(link.heading()));
    }
}
