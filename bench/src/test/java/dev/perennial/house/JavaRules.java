package dev.perennial.house;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** What may not stand in a Java file: seen in its syntax tree, so that comments and strings say what they like. */
final class JavaRules {
    static final int METHOD_LINES_MAX = 60;

    /** Calls that are forbidden everywhere, with what to use. */
    private static final Map<String, String> FORBIDDEN = Map.of(
            "Instant.now", "take a java.time.InstantSource as a constructor parameter",
            "LocalDate.now", "take a java.time.InstantSource as a constructor parameter",
            "ZonedDateTime.now", "take a java.time.InstantSource as a constructor parameter",
            "System.currentTimeMillis", "take a java.time.InstantSource as a constructor parameter",
            "UUID.randomUUID", "take dev.perennial.kernel.Ids as a constructor parameter",
            "Math.random", "take a seeded generator as a parameter",
            "Charset.defaultCharset", "name the charset: StandardCharsets.UTF_8");

    /** Readers and writers that take the platform's charset when they get only one argument. */
    private static final Set<String> CHARSET =
            Set.of("FileReader", "FileWriter", "InputStreamReader", "OutputStreamWriter");

    private final Predicate<String> prints;
    private final List<Finding> findings = new ArrayList<>();

    private JavaRules(Predicate<String> prints) {
        this.prints = prints;
    }

    /**
     * @param texts by file
     * @param prints whether a file may write to standard output
     */
    static List<Finding> check(Map<String, String> texts, Predicate<String> prints) {
        List<Source> sources = texts.entrySet().stream()
                .map(file -> new Source(file.getKey(), file.getValue()))
                .toList();
        JavacTask task = (JavacTask) ToolProvider.getSystemJavaCompiler()
                .getTask(null, null, problem -> {}, List.of("-proc:none"), null, sources);
        JavaRules rules = new JavaRules(prints);
        try {
            SourcePositions positions = Trees.instance(task).getSourcePositions();
            for (CompilationUnitTree unit : task.parse()) {
                rules.new Scanner(unit.getSourceFile().toUri().getPath().substring(1), unit, positions)
                        .scan(unit, null);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return rules.findings;
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        private Source(String file, String text) {
            super(URI.create("string:///" + file), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }

    private final class Scanner extends TreeScanner<Void, Void> {
        private final String file;
        private final CompilationUnitTree unit;
        private final SourcePositions positions;
        private final LineMap lines;

        private Scanner(String file, CompilationUnitTree unit, SourcePositions positions) {
            this.file = file;
            this.unit = unit;
            this.positions = positions;
            this.lines = unit.getLineMap();
        }

        @Override
        public Void visitMethod(MethodTree method, Void nothing) {
            if (method.getBody() != null) {
                long length = line(positions.getEndPosition(unit, method))
                        - line(positions.getStartPosition(unit, method.getBody()))
                        + 1;
                if (length > METHOD_LINES_MAX) {
                    found(
                            method,
                            "method " + method.getName() + " has " + length + " lines, at most " + METHOD_LINES_MAX
                                    + ": take a step out of it");
                }
            }
            return super.visitMethod(method, nothing);
        }

        @Override
        public Void visitMemberSelect(MemberSelectTree select, Void nothing) {
            String text = select.toString();
            String call = text.replaceFirst("^java\\.(time|lang|util|nio\\.charset)\\.", "");
            String instead = FORBIDDEN.get(call);
            if (instead != null) {
                found(select, call + ": " + instead);
            }
            if (!prints.test(file) && (call.equals("System.out") || call.equals("System.err"))) {
                found(select, call + ": log it, or hand in a PrintStream (the command line alone prints)");
            }
            if (file.contains("src/test/") && call.equals("Thread.sleep")) {
                found(select, "Thread.sleep in a test: wait for a condition");
            }
            return super.visitMemberSelect(select, nothing);
        }

        @Override
        public Void visitMethodInvocation(MethodInvocationTree call, Void nothing) {
            if (call.getArguments().isEmpty()
                    && call.getMethodSelect().toString().endsWith(".printStackTrace")) {
                found(call, "printStackTrace: log the exception where it is handled");
            }
            return super.visitMethodInvocation(call, nothing);
        }

        @Override
        public Void visitNewClass(NewClassTree made, Void nothing) {
            String type = made.getIdentifier().toString().replaceFirst("^java\\.io\\.", "");
            if (CHARSET.contains(type) && made.getArguments().size() == 1) {
                found(made, "new " + type + " without a charset: give StandardCharsets.UTF_8");
            }
            return super.visitNewClass(made, nothing);
        }

        private void found(Tree at, String what) {
            findings.add(new Finding(file, (int) line(positions.getStartPosition(unit, at)), what));
        }

        private long line(long position) {
            return lines.getLineNumber(position);
        }
    }
}
