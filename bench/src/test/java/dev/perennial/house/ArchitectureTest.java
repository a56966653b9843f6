package dev.perennial.house;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The rooms and the arrows between them: down the list of {@link #ROOMS} and never up. */
class ArchitectureTest {
    private static final String HOUSE = "dev.perennial.";

    /** From the ground up. A room may use those above it in this list, and no other. */
    private static final List<String> ROOMS = List.of(
            "kernel",
            "statistics",
            "predictionlog",
            "tensors",
            "store",
            "lifecycle.file",
            "data",
            "features",
            "events",
            "tracking",
            "registry",
            "governance",
            "pipelines",
            "serving",
            "scorings",
            "gates",
            "rollout",
            "retrain",
            "monitoring",
            "lifecycle",
            "replay");

    /** What a program or a library beside the rooms may use: everything of ours, by name. */
    private static final Map<String, Set<String>> BESIDE = Map.of(
            "scoring", Set.of("kernel", "predictionlog", "tensors"),
            "scorer", Set.of("kernel", "predictionlog", "scoring", "tensors"),
            "worker",
                    Set.of(
                            "kernel",
                            "statistics",
                            "predictionlog",
                            "lifecycle.file",
                            "data",
                            "features",
                            "gates",
                            "pipelines",
                            "scorings",
                            "scoring",
                            "tensors"),
            "server", new TreeSet<>(ROOMS),
            "client", Set.of(),
            "ledgerverifier", Set.of(),
            "cli", Set.of("client", "kernel", "ledgerverifier", "lifecycle.file"));

    /** Rooms that know nothing of databases. */
    private static final String[] PURE = {
        HOUSE + "kernel..",
        HOUSE + "statistics..",
        HOUSE + "predictionlog..",
        HOUSE + "tensors..",
        HOUSE + "lifecycle.file..",
        HOUSE + "data..",
        HOUSE + "features..",
        HOUSE + "gates..",
        HOUSE + "rollout..",
        HOUSE + "retrain..",
        HOUSE + "monitoring.atoms..",
        HOUSE + "monitoring.alerts..",
        HOUSE + "scoring.."
    };

    private static JavaClasses classes;

    @BeforeAll
    static void read() {
        classes = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.perennial");
    }

    @Test
    void everyProgramAndEveryRoomWasRead() {
        Set<String> seen = new TreeSet<>();
        classes.forEach(type -> seen.add(room(type.getPackageName())));

        assertThat(seen).containsAll(BESIDE.keySet()).contains("kernel", "store", "lifecycle", "replay");
    }

    @Test
    void everyPackageBelongsToARoom() {
        Set<String> homeless = new TreeSet<>();
        for (JavaClass type : classes) {
            String room = room(type.getPackageName());
            if (!ROOMS.contains(room)
                    && !BESIDE.containsKey(room)
                    && !Set.of("bench", "testkit").contains(room)) {
                homeless.add(type.getPackageName());
            }
        }

        assertThat(homeless)
                .as("name the room in ArchitectureTest and docs/architecture.md")
                .isEmpty();
    }

    @Test
    void arrowsPointDownAndNeverUp() {
        assertThat(arrows(ROOMS, (from, to) -> ROOMS.contains(to) && ROOMS.indexOf(to) < ROOMS.indexOf(from)))
                .isEmpty();
    }

    @Test
    void programsUseOnlyWhatTheyName() {
        assertThat(arrows(BESIDE.keySet(), (from, to) -> BESIDE.get(from).contains(to)))
                .isEmpty();
    }

    @Test
    void roomsKnowNoWebFramework() {
        noClasses()
                .that()
                .resideInAnyPackage(rooms())
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.quarkus..",
                        "jakarta..",
                        "io.vertx..",
                        "org.eclipse.microprofile..",
                        "com.sun.net.httpserver..",
                        "java.net.http..")
                .check(classes);
    }

    @Test
    void pureRoomsKnowNoDatabase() {
        noClasses()
                .that()
                .resideInAnyPackage(PURE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.jdbi..", "java.sql..", "javax.sql..", "org.flywaydb..")
                .check(classes);
    }

    @Test
    void enginesForDataAndModelsStayInWorkersAndScorers() {
        noClasses()
                .that()
                .resideOutsideOfPackages(HOUSE + "worker..", HOUSE + "scoring..", HOUSE + "bench..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.duckdb..", "ml.dmlc..", "ai.onnxruntime..")
                .check(classes);
    }

    @Test
    void theCommandLineAloneEndsTheProcess() {
        noClasses()
                .that()
                .resideInAnyPackage(rooms())
                .should()
                .callMethod(System.class, "exit", int.class)
                .check(classes);
    }

    private interface Allowed {
        boolean test(String from, String to);
    }

    /** Each arrow that is not allowed once, with one class that draws it. */
    private static List<String> arrows(Iterable<String> from, Allowed allowed) {
        Map<String, String> wrong = new LinkedHashMap<>();
        Set<String> wanted = new TreeSet<>();
        from.forEach(wanted::add);
        for (JavaClass type : classes) {
            String here = room(type.getPackageName());
            if (!wanted.contains(here)) {
                continue;
            }
            type.getDirectDependenciesFromSelf().forEach(dependency -> {
                String target =
                        dependency.getTargetClass().getBaseComponentType().getPackageName();
                if (target.startsWith(HOUSE) && !room(target).equals(here) && !allowed.test(here, room(target))) {
                    wrong.putIfAbsent(here + " -> " + room(target), dependency.getDescription());
                }
            });
        }
        List<String> told = new ArrayList<>();
        wrong.forEach((arrow, example) -> told.add(arrow + ": " + example));
        return told;
    }

    /** The room of a package: the longest name of the list that it lies under, otherwise its first part. */
    private static String room(String packageName) {
        String inside = packageName.substring(HOUSE.length());
        Optional<String> named = ROOMS.stream()
                .filter(room -> inside.equals(room) || inside.startsWith(room + "."))
                .max(Comparator.comparing(String::length));
        return named.orElse(inside.replaceFirst("\\..*", ""));
    }

    private static String[] rooms() {
        return Arrays.stream(ROOMS.toArray(String[]::new))
                .map(room -> HOUSE + room + "..")
                .toArray(String[]::new);
    }
}
