package dev.perennial.worker.scoring;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.CrashPoint;
import dev.perennial.kernel.Json;
import dev.perennial.scoring.ModelLoader;
import dev.perennial.scoring.admission.AdmissionEvidence;
import dev.perennial.scorings.RowsFile;
import dev.perennial.worker.StepFailure;
import dev.perennial.worker.StepHandler;
import dev.perennial.worker.data.DuckDb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Scores a file: the result has each row of the input, in its order, with what the model gave, the version and an error where it gave
 * nothing. Parameters: those of {@link ScoreOrder}, {@code environment} of a Python model, and of a model that was looked at in the same run
 * {@code verdict} and {@code refusal}; inputs {@code manifest}, {@code model}. Values: {@code rows}, {@code errors}, {@code
 * bytes}, {@code digest} of the result. It may be run again after it died at any point: finished parts are not scored again, and the
 * result has the same bytes.
 *
 * <p>Cost: the input is read twice for its digest, once to score it and once to put the result together.
 */
public final class ScoreStep implements StepHandler {
    private final ModelLoader loader;

    public ScoreStep(ModelLoader loader) {
        this.loader = loader;
    }

    @Override
    public String kind() {
        return "score";
    }

    @Override
    public StepOutput run(StepInput input) throws IOException {
        ScoreOrder order = ScoreOrder.of(input.parameters());
        refuseNotAdmitted(order, input.parameters());
        ResultFile result = new ResultFile(order, input.staging());
        var finished = result.finished();
        if (finished.isPresent()) {
            return output(finished.get());
        }
        result.refuseForeign();
        Path file = order.realInput();
        InputMark mark = InputMark.of(order.folder(), file);
        Path folder = Files.createDirectories(order.folder().resolve("parts")).toRealPath();
        Path staging = input.staging().toRealPath();
        Set<Path> folders = new LinkedHashSet<>(List.of(folder, staging, result.folder()));
        try (RowScorer scorer = RowScorer.load(
                        loader,
                        named(input, "manifest"),
                        named(input, "model"),
                        input.parameters().path("environment").textValue(),
                        input.parameters().has("verdict"));
                DuckDb db = DuckDb.open(DuckDb.Settings.in(staging.resolve("tmp")), List.of(file), folders)) {
            Added added = new Added(scorer.outputs(), order.version());
            Parts parts = new Parts(db, folder, staging, scorer.outputs());
            Tally tally = score(order, file, scorer, added, parts, db, input.progress());
            input.progress().report(1, tally.line() + ", writing the result");
            Assembly assembly = new Assembly(db, order, file, parts, added);
            Path growing = result.growing();
            long written = assembly.write(scorer, tally.rows, tally.parts, growing);
            if (written != tally.rows) {
                throw new StepFailure(
                        StepFailure.Kind.CONTRACT,
                        "the result has " + written + " rows, " + tally.rows + " were scored; the file has changed");
            }
            mark.refuseChanged();
            CrashPoint.hit("worker.score.assembled");
            return output(result.publish(growing, tally.rows, tally.errors));
        }
    }

    private static void refuseNotAdmitted(ScoreOrder order, JsonNode parameters) {
        String verdict = parameters.path("verdict").asText(AdmissionEvidence.ADMITTED);
        if (!verdict.equals(AdmissionEvidence.ADMITTED)) {
            throw new StepFailure(
                    StepFailure.Kind.CONTRACT,
                    "version " + order.version() + " was refused when it was looked at: "
                            + parameters.path("refusal").asText());
        }
    }

    private static Path named(StepInput input, String name) {
        return Objects.requireNonNull(input.inputs().get(name), name);
    }

    private static StepOutput output(ResultFile.Done done) {
        Map<String, JsonNode> values = Map.of(
                "rows", Json.tree(done.rows()),
                "errors", Json.tree(done.errors()),
                "bytes", Json.tree(done.bytes()),
                "digest", Json.tree(done.digest().hex()));
        return new StepOutput(values, Map.of());
    }

    private static Tally score(
            ScoreOrder order, Path file, RowScorer scorer, Added added, Parts parts, DuckDb db, Progress progress)
            throws IOException {
        Tally tally = new Tally();
        PartScoring scoring = new PartScoring(scorer);
        try (InputRows rows = open(order, file, scorer, added, db)) {
            while (true) {
                int read = parts.has(tally.parts) ? passed(rows, parts, tally) : scored(rows, scoring, parts, tally);
                refuseErrors(order, tally);
                progress.report(rows.share(), tally.line());
                if (read < Parts.ROWS) {
                    return tally;
                }
            }
        }
    }

    private static InputRows open(ScoreOrder order, Path file, RowScorer scorer, Added added, DuckDb db)
            throws IOException {
        RowsFile format = order.format();
        switch (format.kind()) {
            case PARQUET -> {
                added.fit(ParquetRows.columns(db, file).stream()
                        .map(ParquetRows.Declared::name)
                        .toList());
                return ParquetRows.open(db, file, scorer.signature());
            }
            case JSONL -> {
                JsonLines.check(file, format, scorer.signature(), added);
                return JsonLines.open(file, format, scorer.signature(), Set.copyOf(added.names()));
            }
            case CSV, TSV -> {
                CsvRows rows = CsvRows.open(file, format, scorer.signature());
                added.fit(rows.header());
                return rows;
            }
        }
        throw new IllegalStateException("a format without a reader: " + format);
    }

    /** A part that an earlier attempt finished. */
    private static int passed(InputRows rows, Parts parts, Tally tally) throws IOException {
        int[] counts = parts.counts(tally.parts);
        int skipped = rows.skip(Parts.ROWS);
        if (skipped != counts[0]) {
            throw new StepFailure(
                    StepFailure.Kind.CONTRACT,
                    "part " + tally.parts + " has " + counts[0] + " rows, the file has " + skipped + " there");
        }
        tally.part(counts[0], counts[1], false);
        return skipped;
    }

    private static int scored(InputRows rows, PartScoring scoring, Parts parts, Tally tally) throws IOException {
        scoring.begin(Parts.ROWS);
        int read = rows.read(Parts.ROWS, scoring);
        Results results = scoring.end();
        if (read > 0) {
            parts.write(tally.parts, results);
            tally.first(results);
            tally.part(read, results.failed(), true);
            CrashPoint.hit("worker.score.part");
        }
        return read;
    }

    private static void refuseErrors(ScoreOrder order, Tally tally) {
        if (tally.errors > order.errorsMax()) {
            throw new StepFailure(
                    StepFailure.Kind.USER,
                    tally.errors + " of " + tally.rows + " rows have no result, at most " + order.errorsMax()
                            + " are allowed" + tally.example);
        }
    }

    /** What has been done so far. */
    private static final class Tally {
        private final long began = System.nanoTime();
        private long rows;
        private long here;
        private long errors;
        private int parts;
        private String example = "";

        void part(int count, int failed, boolean now) {
            rows += count;
            here += now ? count : 0;
            errors += failed;
            parts++;
        }

        /** Remembers the first error, for the message of a job that is given up. */
        void first(Results results) {
            for (int row = 0; row < results.size() && example.isEmpty(); row++) {
                String error = results.error(row);
                if (error != null) {
                    example = "; row " + (rows + row + 1) + ": " + error;
                }
            }
        }

        String line() {
            double seconds = Math.max(1, System.nanoTime() - began) / (double) TimeUnit.SECONDS.toNanos(1);
            return String.format(
                    Locale.ROOT, "%,d rows, %,.0f rows/s%s", rows, here / seconds, errors == 0 ? "" : told());
        }

        private String told() {
            return String.format(Locale.ROOT, ", %,d without a result", errors);
        }
    }
}
