package dev.perennial.pipelines;

import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.pipelines.RunRows.RunRow;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/** Specifications by digest; the latest few stay parsed. Thread-safe. */
final class Specs {
    private static final int CACHED_MAX = 64;

    private final Map<String, PipelineSpec> cache = new LinkedHashMap<>(CACHED_MAX, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, PipelineSpec> eldest) {
            return size() > CACHED_MAX;
        }
    };

    synchronized PipelineSpec of(Handle sql, RunRow run) {
        PipelineSpec known = cache.get(run.spec());
        if (known != null) {
            return known;
        }
        String text = RunRows.spec(sql, run.spec())
                .orElseThrow(() -> PerennialException.state(
                        "run " + run.id() + " pins specification " + run.spec() + ", which is missing"));
        PipelineSpec spec = Json.read(text, PipelineSpec.class);
        cache.put(run.spec(), spec);
        return spec;
    }
}
