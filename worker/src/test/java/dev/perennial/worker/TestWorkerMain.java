package dev.perennial.worker;

import dev.perennial.kernel.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A real worker with small steps. {@code -Dtest.crash-once=POINT} kills the first worker of a data directory at that point. */
final class TestWorkerMain {
    private TestWorkerMain() {}

    public static void main(String[] args) throws IOException {
        String crashOnce = System.getProperty("test.crash-once", "");
        Path marker = Path.of(System.getProperty("test.marker", "/nonexistent"), "crashed");
        if (!crashOnce.isEmpty()) {
            try {
                Files.createFile(marker);
                System.setProperty("perennial.crash-at", crashOnce);
            } catch (FileAlreadyExistsException e) {
                // the first worker has had its turn
            }
        }
        WorkerMain.run(List.of(new Write(), new Join(), new WaitForFile(), new Broken(), new Hungry()), args);
    }

    /** Writes the text that it is given. */
    static final class Write implements StepHandler {
        @Override
        public String kind() {
            return "write";
        }

        @Override
        public StepOutput run(StepInput input) throws IOException {
            String text = input.parameters().get("text").asText();
            Path file = Files.writeString(input.staging().resolve("text.txt"), text);
            input.progress().report(1, "written");
            return new StepOutput(Map.of("length", Json.tree(text.length())), Map.of("text", file));
        }
    }

    /** Joins all files that it reads, and a suffix. */
    static final class Join implements StepHandler {
        @Override
        public String kind() {
            return "join";
        }

        @Override
        public StepOutput run(StepInput input) throws IOException {
            StringBuilder joined = new StringBuilder();
            new TreeMap<>(input.inputs()).values().forEach(file -> joined.append(read(file)));
            joined.append(input.parameters().get("suffix").asText());
            Path file = Files.writeString(input.staging().resolve("joined.txt"), joined);
            return new StepOutput(Map.of("joined", Json.tree(joined.toString())), Map.of("joined", file));
        }

        private static String read(Path file) {
            try {
                return Files.readString(file, StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Says that it is there, and waits until a file appears. */
    static final class WaitForFile implements StepHandler {
        @Override
        public String kind() {
            return "wait";
        }

        @Override
        public StepOutput run(StepInput input) throws IOException, InterruptedException {
            Path gate = Path.of(input.parameters().get("gate").asText());
            Files.writeString(
                    gate.resolveSibling("waiting-" + ProcessHandle.current().pid()), "");
            CountDownLatch never = new CountDownLatch(1);
            while (!Files.exists(gate)) {
                if (never.await(10, TimeUnit.MILLISECONDS)) {
                    throw new IllegalStateException("never");
                }
            }
            return new StepOutput(
                    Map.of("pid", Json.tree(ProcessHandle.current().pid())), Map.of());
        }
    }

    /** Fails with the class that it is given. */
    static final class Broken implements StepHandler {
        @Override
        public String kind() {
            return "broken";
        }

        @Override
        public StepOutput run(StepInput input) {
            throw new StepFailure(
                    StepFailure.Kind.valueOf(input.parameters().get("class").asText()), "broken on purpose");
        }
    }

    /** Takes more memory than there is. */
    static final class Hungry implements StepHandler {
        @Override
        public String kind() {
            return "hungry";
        }

        @Override
        public StepOutput run(StepInput input) {
            List<byte[]> all = new java.util.ArrayList<>();
            while (true) {
                all.add(new byte[1 << 24]);
            }
        }
    }
}
