package dev.perennial.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Each rule of the house finds what it is for: a check that cannot fail is a defect. */
class TidyRulesTest {
    @Test
    void findsForbiddenCallsAndSaysWhatToUse() {
        List<Finding> findings = java("""
                class A {
                    long a() { return System.currentTimeMillis(); }
                    Object b() { return java.time.Instant.now(); }
                    void c(Exception e) { e.printStackTrace(); }
                    Object d(java.io.InputStream in) { return new java.io.InputStreamReader(in); }
                    void e() { System.out.println("x"); }
                }
                """);

        assertThat(findings).extracting(Finding::line).containsExactly(2, 3, 4, 5, 6);
        assertThat(findings.getFirst().what()).contains("InstantSource");
    }

    @Test
    void readsCodeAndNotCommentsOrStrings() {
        assertThat(java("class A { /* Instant.now() */ String a = \"System.out.println()\"; } // printStackTrace()\n"))
                .isEmpty();
    }

    @Test
    void findsSleepInTestsAlone() {
        String text = "class A { void a() throws Exception { Thread.sleep(1); } }\n";

        assertThat(JavaRules.check(Map.of("m/src/test/java/A.java", text), file -> false))
                .hasSize(1);
        assertThat(java(text)).isEmpty();
    }

    @Test
    void findsLongMethods() {
        String body = "        x++;\n".repeat(JavaRules.METHOD_LINES_MAX - 2);

        assertThat(java("class A { int x; void a() {\n" + body + "    }\n}\n")).isEmpty();
        assertThat(java("class A { int x; void a() {\n" + body + "        x++;\n    }\n}\n"))
                .singleElement()
                .extracting(Finding::what)
                .asString()
                .contains("method a has 61 lines");
    }

    @Test
    void findsLongFiles() {
        assertThat(TextRules.length("A.java", "x\n".repeat(TextRules.FILE_LINES_MAX)))
                .isEmpty();
        assertThat(TextRules.length("A.java", "x\n".repeat(TextRules.FILE_LINES_MAX + 1)))
                .hasSize(1);
    }

    @Test
    void findsLeftovers() {
        assertThat(TextRules.leftovers(
                        "a.md", "// FIX" + "ME\n# TO" + "DO later\nTO" + "DO: when PostgreSQL 20 is out\n"))
                .hasSize(2);
    }

    @Test
    void findsWordsOfOneMachine() {
        assertThat(TextRules.foreignWords("a.md", "cd /wo" + "rk/a\nsee /ro" + "ot/x\nhttp://a/network/b\n"))
                .hasSize(2);
        assertThat(TextRules.foreignWords("package-lock.json", "\"resolved\": \"http://mirror/a.tgz\"\n"))
                .hasSize(1);
        assertThat(TextRules.foreignWords(
                        "package-lock.json", "\"resolved\": \"https://registry" + ".npmjs" + ".org/a.tgz\"\n"))
                .isEmpty();
    }

    @Test
    void findsBadLayout() {
        assertThat(TextRules.layout("a.md", "a \n\tb\nc")).hasSize(3);
        assertThat(TextRules.layout("a.md", "a\n")).isEmpty();
    }

    @Test
    void findsDeadLinks() {
        String text =
                "# One two\n[a](b.md) [c](#one-two) [d](#three) [e](https://x.y) [f](../g.md#h)\n```\n[x](no)\n```\n";

        assertThat(TextRules.links("docs/a.md", text, path -> path.equals("docs/b.md")))
                .extracting(Finding::what)
                .containsExactly("the link #three leads nowhere", "the link ../g.md#h leads nowhere");
    }

    private static List<Finding> java(String text) {
        return JavaRules.check(Map.of("m/src/main/java/A.java", text), file -> false);
    }
}
