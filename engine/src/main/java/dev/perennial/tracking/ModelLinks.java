package dev.perennial.tracking;

import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Transaction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/** Which logged models runs read and made, in SQL and as it was read from there. */
final class ModelLinks {
    private static final int MODELS_MAX = 1000;
    private static final String INPUT = "input";
    private static final String OUTPUT = "output";

    private final Map<Long, List<String>> inputs = new HashMap<>();
    private final Map<Long, List<ModelOutput>> outputs = new HashMap<>();

    private ModelLinks() {}

    static void checkInputs(List<String> models) {
        atMost(models.size());
        for (int i = 0; i < models.size(); i++) {
            Names.modelId("models[" + i + "].model_id", models.get(i));
        }
    }

    static void checkOutputs(List<ModelOutput> models) {
        if (models.isEmpty()) {
            throw PerennialException.invalid(
                    "models",
                    "Missing value for required parameter 'models': at least one model must be named that the run made");
        }
        atMost(models.size());
        for (int i = 0; i < models.size(); i++) {
            Names.modelId("models[" + i + "].model_id", models.get(i).model());
        }
    }

    private static void atMost(int models) {
        if (models > MODELS_MAX) {
            throw PerennialException.invalid(
                    "models", "at most " + MODELS_MAX + " models can be logged at once, got " + models);
        }
    }

    static void insertInputs(Transaction tx, long run, List<String> models) {
        models.forEach(model -> insert(tx, run, INPUT, new ModelOutput(model, 0)));
    }

    static void insertOutputs(Transaction tx, long run, List<ModelOutput> models) {
        models.forEach(model -> insert(tx, run, OUTPUT, model));
    }

    private static void insert(Transaction tx, long run, String role, ModelOutput model) {
        tx.sql()
                .createUpdate("insert into run_model (run, role, model_id, step, position) values (:run, :role, :model,"
                        + " :step, (select count(*) from run_model where run = :run)) on conflict do nothing")
                .bind("run", run)
                .bind("role", role)
                .bind("model", model.model())
                .bind("step", model.step())
                .execute();
    }

    static ModelLinks read(Handle sql, List<Long> runs) {
        ModelLinks links = new ModelLinks();
        RowsOf.each(
                sql,
                "select run, role, model_id, step from run_model where run in (",
                runs,
                ") order by run, position",
                row -> {
                    if (row.getString(2).equals(INPUT)) {
                        links.inputs
                                .computeIfAbsent(row.getLong(1), run -> new ArrayList<>())
                                .add(row.getString(3));
                    } else {
                        links.outputs
                                .computeIfAbsent(row.getLong(1), run -> new ArrayList<>())
                                .add(new ModelOutput(row.getString(3), row.getLong(4)));
                    }
                });
        return links;
    }

    List<String> inputs(long run) {
        return inputs.getOrDefault(run, List.of());
    }

    List<ModelOutput> outputs(long run) {
        return outputs.getOrDefault(run, List.of());
    }
}
