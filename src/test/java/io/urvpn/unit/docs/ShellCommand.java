package io.urvpn.unit.docs;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A command of one of the programs that the documentation tells people to run.
 *
 * @param words the program and its arguments, without quotes
 */
record ShellCommand(List<String> words) {
    private static final Set<String> PROGRAMS = Set.of("kubectl", "helm", "make", "mvn");
    private static final Pattern SUBSTITUTION = Pattern.compile("\\$\\(((?:[^()]|\\([^()]*\\))*)\\)");
    private static final Pattern COMMENT = Pattern.compile("(^|\\s)#.*$");
    private static final Pattern WORD = Pattern.compile("(?:'[^']*'|\"[^\"]*\"|[^\\s'\"])+");

    /** Those of its blocks, then those within its text. */
    static List<ShellCommand> of(Page page) {
        List<ShellCommand> commands = new ArrayList<>();
        for (String block : page.blocks()) {
            block.replaceAll("\\\\\n\\s*", "").lines().forEach(line -> line(line, commands));
        }
        // in a table a bar is written as \|: it stands for a choice there
        page.inlineCode().forEach(code -> line(code.replace("\\|", "/"), commands));
        return commands;
    }

    private static void line(String line, List<ShellCommand> commands) {
        String rest = COMMENT.matcher(line).replaceAll("");
        List<String> inner = new ArrayList<>();
        Matcher substitution = SUBSTITUTION.matcher(rest);
        while (substitution.find()) {
            inner.add(substitution.group(1));
        }
        rest = substitution.replaceAll("\\$X");
        for (String part : split(rest)) {
            List<String> words = WORD.matcher(part)
                    .results()
                    .map(word -> word.group().replaceAll("['\"]", ""))
                    .dropWhile(word -> word.matches("[A-Za-z_]+=.*")
                            || Set.of("$", "sudo", "if", "!").contains(word))
                    .toList();
            if (words.size() > 1 && ours(words.getFirst())) {
                commands.add(new ShellCommand(words));
            }
        }
        inner.forEach(command -> line(command, commands));
    }

    private static boolean ours(String program) {
        return PROGRAMS.contains(program) || program.startsWith("e2e/");
    }

    /** At {@code &&}, {@code ||}, {@code |} and {@code ;} outside of quotes. */
    private static List<String> split(String line) {
        List<String> parts = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        char quote = 0;
        for (char c : line.toCharArray()) {
            quote = quote == 0 && (c == '\'' || c == '"') ? c : c == quote ? 0 : quote;
            if (quote == 0 && "&|;".indexOf(c) >= 0) {
                parts.add(part.toString());
                part.setLength(0);
            } else {
                part.append(c);
            }
        }
        parts.add(part.toString());
        return parts;
    }

    String program() {
        return words.getFirst();
    }

    /** What follows the program. */
    List<String> arguments() {
        return words.subList(1, words.size());
    }

    @Override
    public String toString() {
        return String.join(" ", words);
    }
}
