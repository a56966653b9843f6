package dev.perennial.tracking.models;

import dev.perennial.kernel.Ids;
import dev.perennial.kernel.Page;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import dev.perennial.tracking.Experiment;
import dev.perennial.tracking.Experiments;
import dev.perennial.tracking.KeyValue;
import dev.perennial.tracking.Locations;
import dev.perennial.tracking.Names;
import dev.perennial.tracking.RunNames;
import dev.perennial.tracking.Stage;
import dev.perennial.tracking.search.ModelSearch;
import dev.perennial.tracking.search.ModelSearchRequest;
import dev.perennial.tracking.search.SearchRequest;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;

/**
 * Models that clients log. One is made first, then its files are sent to its address, then the client says that it is ready. Parameters
 * are written once. A deleted model is found only by who asks for deleted ones; its files stay. Thread-safe.
 */
public final class LoggedModels {
    /** How many parameters one call may add. */
    public static final int PARAMS_MAX = 1000;

    private static final String PREFIX = "m-";
    private static final Pattern REFUSED = Pattern.compile("[/:.%\"']");
    private static final Pattern RUN = Pattern.compile("[a-zA-Z0-9][\\w-]{0,255}");

    private final Database database;
    private final InstantSource clock;
    private final Ids ids;
    private final ModelRows rows;

    public LoggedModels(Database database, InstantSource clock, Ids ids, Registrations registrations) {
        this.database = database;
        this.clock = clock;
        this.ids = ids;
        this.rows = new ModelRows(registrations);
    }

    public LoggedModel create(NewLoggedModel wanted) {
        String given = wanted.name();
        if (given != null) {
            checkName(given);
        }
        if (wanted.sourceRun() != null && !RUN.matcher(wanted.sourceRun()).matches()) {
            throw PerennialException.invalid(
                    "source_run_id",
                    "Invalid value '" + wanted.sourceRun()
                            + "' for parameter 'source_run_id' supplied: expected letters, digits, '_' and '-'");
        }
        List<KeyValue> params = checkedParams(wanted.params());
        List<KeyValue> tags = checkedTags(wanted.tags());
        String id = PREFIX + ids.nextHex();
        String name = given == null ? RunNames.of(id) : given;
        return database.write(tx -> {
            Experiment experiment = Experiments.active(tx.sql(), wanted.experiment());
            long now = clock.millis();
            long number = ModelRows.insert(
                    tx,
                    new ModelInfo(
                            id,
                            experiment.id(),
                            name,
                            wanted.type(),
                            wanted.sourceRun(),
                            Locations.ofModel(experiment.artifactLocation(), id),
                            ModelStatus.PENDING,
                            now,
                            now,
                            Stage.ACTIVE));
            params.forEach(param -> ModelRows.putParam(tx, number, id, param));
            tags.forEach(tag -> ModelRows.putTag(tx, number, tag));
            return rows.read(tx.sql(), List.of(number)).getFirst();
        });
    }

    private static void checkName(String name) {
        if (name.isBlank() || REFUSED.matcher(name).find()) {
            throw PerennialException.invalid(
                    "name",
                    "Invalid model name ('" + name + "') provided. Model name must be a non-empty string and cannot"
                            + " contain the following characters: ('/', ':', '.', '%', '\"', \"'\")");
        }
        Names.atMost("name", name, Names.MODEL_NAME_MAX);
    }

    /** A model that is in use. */
    public LoggedModel get(String id) {
        return database.read(sql -> get(sql, id));
    }

    /** As {@link #get(String)}, in the caller's transaction. */
    public LoggedModel get(Handle sql, String id) {
        return rows.read(sql, List.of(ModelRows.used(sql, id).number())).getFirst();
    }

    /** A model, deleted ones too. */
    public Optional<LoggedModel> find(String id) {
        return database.read(sql -> ModelRows.find(sql, id)
                .map(key -> rows.read(sql, List.of(key.number())).getFirst()));
    }

    /** Says whether the files are there. */
    public LoggedModel finish(String id, ModelStatus status) {
        return database.write(tx -> {
            long number = ModelRows.used(tx.sql(), id).number();
            ModelRows.status(tx, number, status, clock.millis());
            return rows.read(tx.sql(), List.of(number)).getFirst();
        });
    }

    /** Adds parameters; one that is there with another value is refused, and then none is added. */
    public void logParams(String id, List<KeyValue> params) {
        List<KeyValue> checked = checkedParams(params);
        database.writing(tx -> {
            long number = ModelRows.used(tx.sql(), id).number();
            checked.forEach(param -> ModelRows.putParam(tx, number, id, param));
        });
    }

    public LoggedModel setTags(String id, List<KeyValue> tags) {
        List<KeyValue> checked = checkedTags(tags);
        return database.write(tx -> {
            setTags(tx, id, checked);
            return get(tx.sql(), id);
        });
    }

    /** As {@link #setTags(String, List)}, in the caller's transaction. */
    public void setTags(Transaction tx, String id, List<KeyValue> tags) {
        long number = ModelRows.used(tx.sql(), id).number();
        tags.forEach(tag -> ModelRows.putTag(tx, number, tag));
        ModelRows.touch(tx, number, clock.millis());
    }

    public void deleteTag(String id, String key) {
        database.writing(tx -> {
            long number = ModelRows.used(tx.sql(), id).number();
            if (!ModelRows.deleteTag(tx, number, key)) {
                throw PerennialException.notFound("No tag with key '" + key + "' on logged model '" + id + "'");
            }
            ModelRows.touch(tx, number, clock.millis());
        });
    }

    public void delete(String id) {
        database.writing(tx -> ModelRows.delete(tx, ModelRows.used(tx.sql(), id).number(), clock.millis()));
    }

    public Page<LoggedModel> search(ModelSearchRequest request, List<Long> among) {
        ModelSearch search = ModelSearch.of(request, among, database.dialect());
        return database.readWithin(SearchRequest.TIME_MAX, sql -> {
            Page<Long> page = search.page(sql, (row, context) -> row.getLong("number"));
            return new Page<>(rows.read(sql, page.items()), page.next());
        });
    }

    private static List<KeyValue> checkedParams(List<KeyValue> params) {
        if (params.size() > PARAMS_MAX) {
            throw PerennialException.invalid(
                    "params", "at most " + PARAMS_MAX + " params can be logged at once, got " + params.size());
        }
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < params.size(); i++) {
            Names.key("params[" + i + "].key", params.get(i).key());
            if (!seen.add(params.get(i).key())) {
                throw PerennialException.invalid(
                        "params",
                        "Duplicate parameter keys have been submitted: '"
                                + params.get(i).key() + "' occurs more than once in one call");
            }
        }
        return params.stream().map(Names::param).toList();
    }

    private static List<KeyValue> checkedTags(List<KeyValue> tags) {
        for (int i = 0; i < tags.size(); i++) {
            Names.key("tags[" + i + "].key", tags.get(i).key());
        }
        return tags.stream().map(Names::runTag).toList();
    }
}
