package dev.perennial.house;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What may not stand in any text of the repository. */
final class TextRules {
    static final int FILE_LINES_MAX = 500;

    private static final Pattern LEFTOVER =
            Pattern.compile("\\b(FIX" + "ME|XX" + "X)\\b|\\bTO" + "DO\\b(?!: \\S+ \\S+ \\S+)");
    private static final Pattern LINK = Pattern.compile("!?\\[[^\\]]*\\]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("^#{1,6} +(.*?) *#*$");
    private static final Pattern SCHEME = Pattern.compile("^[a-z][a-z0-9+.-]*:.*");

    /** Words that tell of one machine, cut in two so that this file does not hold them. */
    private static final Map<Pattern, String> FOREIGN = Map.of(
            Pattern.compile("(?<![\\w.])/wo" + "rk/|(?<![\\w.])/ro" + "ot/|(?<![\\w.])/ho" + "me/[a-z]"),
            "the path of one machine",
            Pattern.compile("(?i)art" + "ifactory|nex" + "us\\.|verd"
                    + "accio|\"resolved\": *\"(?!https://registry\\.npmjs\\.org/)"),
            "the host of a package registry that others do not have");

    private TextRules() {}

    static List<Finding> length(String file, String text) {
        int lines = (int) text.lines().count();
        return lines <= FILE_LINES_MAX
                ? List.of()
                : List.of(new Finding(
                        file,
                        lines,
                        "file has " + lines + " lines, at most " + FILE_LINES_MAX + ": it holds more than one idea"));
    }

    static List<Finding> leftovers(String file, String text) {
        return lines(file, text, LEFTOVER, "leftover; do it, or write what is missing into CHANGELOG.md");
    }

    static List<Finding> foreignWords(String file, String text) {
        List<Finding> findings = new ArrayList<>();
        FOREIGN.forEach((pattern, what) -> findings.addAll(lines(file, text, pattern, what)));
        return findings;
    }

    static List<Finding> layout(String file, String text) {
        List<Finding> findings =
                new ArrayList<>(lines(file, text, Pattern.compile("[ \\t]+$|\\r"), "white space at the end of a line"));
        findings.addAll(lines(file, text, Pattern.compile("^ *\\t"), "a tab"));
        if (!text.isEmpty() && !text.endsWith("\n")) {
            findings.add(new Finding(file, (int) text.lines().count(), "no line end at the end of the file"));
        }
        return findings;
    }

    /**
     * Links of a Markdown file that lead nowhere.
     *
     * @param exists whether the repository has a path
     */
    static List<Finding> links(String file, String text, Predicate<String> exists) {
        List<Finding> findings = new ArrayList<>();
        Set<String> anchors = anchors(text);
        boolean code = false;
        List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            code ^= lines.get(i).strip().startsWith("```");
            Matcher link = LINK.matcher(lines.get(i));
            while (!code && link.find()) {
                String target = link.group(1);
                String path = target.replaceFirst("#.*", "");
                boolean dead = target.startsWith("#")
                        ? !anchors.contains(target.substring(1))
                        : !exists.test(beside(file, path));
                if (!SCHEME.matcher(target).matches() && dead) {
                    findings.add(new Finding(file, i + 1, "the link " + target + " leads nowhere"));
                }
            }
        }
        return findings;
    }

    private static String beside(String file, String path) {
        int slash = file.lastIndexOf('/');
        return slash < 0 ? path : file.substring(0, slash + 1) + path;
    }

    private static Set<String> anchors(String text) {
        Set<String> anchors = new HashSet<>();
        text.lines()
                .map(HEADING::matcher)
                .filter(Matcher::matches)
                .forEach(heading -> anchors.add(heading.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-')));
        return anchors;
    }

    private static List<Finding> lines(String file, String text, Pattern pattern, String what) {
        List<Finding> findings = new ArrayList<>();
        List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            Matcher found = pattern.matcher(lines.get(i));
            if (found.find()) {
                findings.add(new Finding(file, i + 1, what + (found.group().isBlank() ? "" : ": " + found.group())));
            }
        }
        return findings;
    }
}
