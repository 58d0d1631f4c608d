package io.urvpn.unit.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A page of documentation, taken apart: its links, its headings, its blocks of code and what stands in it as code. */
public final class Page {
    private static final Pattern LINK = Pattern.compile("]\\(([^)#\\s]*)(?:#([^)\\s]*))?\\)");
    private static final Pattern IMAGE = Pattern.compile("(?:src|srcset)=\"([^\"]+)\"");
    private static final Pattern INLINE = Pattern.compile("`([^`\n]+(?:\n[^`\n]+)?)`");
    private static final Set<String> NOT_OURS = Set.of("target", ".git", "node_modules");

    private final Path file;
    private final List<String> headings = new ArrayList<>();
    private final List<String> blocks = new ArrayList<>();
    private final StringBuilder prose = new StringBuilder();

    /** Where a link leads; both may be empty: the page itself, no heading. */
    public record Link(String target, String heading) {}

    /** A page of that text, as if it stood in that file. */
    Page(Path file, String text) {
        this.file = file;
        read(text);
    }

    /** The page in that file. */
    public static Page of(Path file) {
        try {
            return new Page(file, Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Each page of the repository, wherever it is. */
    public static List<Page> all() {
        try (Stream<Path> top = Files.list(Path.of(""))) {
            return top.filter(path -> !NOT_OURS.contains(path.toString()))
                    .flatMap(Page::under)
                    .filter(path -> path.toString().endsWith(".md"))
                    .sorted()
                    .map(Page::of)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<Path> under(Path path) {
        try {
            return Files.walk(path).filter(Files::isRegularFile);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A block is indented by four columns behind an empty line, or stands between fences. */
    private void read(String text) {
        StringBuilder block = null;
        boolean fenced = false;
        boolean blank = true;
        for (String line : text.lines().toList()) {
            boolean fence = line.stripLeading().startsWith("```");
            boolean indented = line.startsWith("    ") && (blank || block != null);
            if (fence ? fenced : block != null && !fenced && !indented && !line.isBlank()) {
                blocks.add(block.toString());
                block = null;
            }
            if (fence) {
                fenced = !fenced;
                block = fenced ? new StringBuilder() : null;
            } else if (fenced || indented || block != null) {
                block = block == null ? new StringBuilder() : block;
                block.append(fenced || line.isBlank() ? line.strip() : line.substring(4))
                        .append('\n');
            } else {
                prose.append(line).append('\n');
                heading(line);
            }
            blank = line.isBlank();
        }
        if (block != null) {
            blocks.add(block.toString());
        }
    }

    private void heading(String line) {
        if (line.matches("#{1,6} .*")) {
            headings.add(line.replaceFirst("^#+ +", ""));
        }
    }

    /** The page's file, relative to the root of the repository. */
    public Path file() {
        return file;
    }

    /** What stands outside of blocks of code. */
    public String prose() {
        return prose.toString();
    }

    /** Blocks of code, in their order. */
    public List<String> blocks() {
        return List.copyOf(blocks);
    }

    /** What stands as code within the text. */
    public List<String> inlineCode() {
        return INLINE.matcher(prose)
                .results()
                .map(code -> code.group(1).replace('\n', ' '))
                .toList();
    }

    /** Links and pictures, also such as are written in HTML. */
    public List<Link> links() {
        List<Link> links = new ArrayList<>();
        for (MatchResult link : LINK.matcher(prose).results().toList()) {
            links.add(new Link(link.group(1), link.group(2) == null ? "" : link.group(2)));
        }
        IMAGE.matcher(prose).results().forEach(image -> links.add(new Link(image.group(1), "")));
        return links;
    }

    /** Anchors as GitHub makes them of headings. */
    public List<String> anchors() {
        Map<String, Integer> seen = new HashMap<>();
        return headings.stream()
                .map(heading -> heading.toLowerCase(Locale.ROOT)
                        .replaceAll("\\[([^]]*)]\\([^)]*\\)", "$1")
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'))
                .map(anchor -> {
                    int before = seen.merge(anchor, 1, Integer::sum) - 1;
                    return before == 0 ? anchor : anchor + "-" + before;
                })
                .toList();
    }
}
