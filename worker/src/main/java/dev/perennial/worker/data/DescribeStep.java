package dev.perennial.worker.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.lifecycle.file.Source;
import dev.perennial.worker.StepFailure;
import dev.perennial.worker.StepHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Looks at the columns of sources without reading a row. Parameter {@code sources}: sources of a lifecycle file by name. Value {@code
 * sources}: for each {@code {columns: {name: type}}}, or {@code {failure, advice}} for a file that is not there or cannot be read. Cost:
 * the footer of a Parquet file, the first line of a CSV file.
 */
public final class DescribeStep implements StepHandler {
    @Override
    public String kind() {
        return "describe";
    }

    @Override
    public StepOutput run(StepInput input) throws IOException {
        ObjectNode described = Json.object();
        Path temporary = input.staging().resolve("tmp");
        for (Map.Entry<String, JsonNode> entry :
                input.parameters().path("sources").properties()) {
            Source source = Json.convert(entry.getValue(), Source.class);
            described.set(entry.getKey(), describe(entry.getKey(), source, temporary));
        }
        Files.deleteIfExists(temporary);
        return new StepOutput(Map.of("sources", described), Map.of());
    }

    private static ObjectNode describe(String name, Source source, Path temporary) {
        String correctPath = "correct sources." + name + ".path";
        Path path = Path.of(source.path());
        if (!Files.exists(path)) {
            return failure("there is no file " + path, correctPath + ", or put the file there");
        }
        if (!Files.isRegularFile(path)) {
            return failure(path + " is no file", correctPath);
        }
        if (!Files.isReadable(path)) {
            return failure("file " + path + " may not be read by the server's user", "change the file's permissions");
        }
        try {
            Path real = SourceTable.realFile(name, source);
            try (DuckDb db = DuckDb.open(DuckDb.Settings.in(temporary), List.of(real), List.of())) {
                ObjectNode columns = Json.object();
                SourceTable.described(db, name, source)
                        .schema()
                        .columns()
                        .forEach((column, type) -> columns.put(column, type.word()));
                return Json.object().set("columns", columns);
            }
        } catch (StepFailure e) {
            if (e.kind() == StepFailure.Kind.INFRA) {
                throw e;
            }
            return failure(
                    String.valueOf(e.getMessage()).replaceFirst("^source '[^']*': ", ""),
                    source.csv() == null
                            ? "write the file anew as Parquet, or " + correctPath
                            : "make sources." + name + ".csv say what the file holds, or " + correctPath);
        }
    }

    private static ObjectNode failure(String failure, String advice) {
        return Json.object().put("failure", failure).put("advice", advice);
    }
}
