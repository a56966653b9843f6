package dev.perennial.registry;

import dev.perennial.store.Database;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Finds the place of files that a source leads to, at the end of however many hops. */
final class SourceResolver {
    private static final Pattern LOGGED = Pattern.compile("models:/{1,3}(m-[\\w-]+)");
    private static final Pattern BY_NUMBER = Pattern.compile("models:/{1,3}([^/]+)/(\\d{1,9})");
    private static final Pattern BY_ALIAS = Pattern.compile("models:/{1,3}(.+)@([^@/]+)");
    private static final Pattern OF_RUN = Pattern.compile("runs:/{1,3}([^/]+)(/.*)?");

    private final Database database;
    private final Origins origins;

    SourceResolver(Database database, Origins origins) {
        this.database = database;
        this.origins = origins;
    }

    /** The logged model that is meant: the one that is named, or the one that the source is. */
    static @Nullable String loggedModel(NewVersion version) {
        if (version.loggedModel() != null) {
            return version.loggedModel();
        }
        Matcher logged = LOGGED.matcher(version.source());
        return logged.matches() ? logged.group(1) : null;
    }

    /** The run that is meant: the one that is named, else the one that made the logged model. */
    @Nullable String run(NewVersion version) {
        String logged = loggedModel(version);
        if (version.run() != null || logged == null) {
            return version.run();
        }
        return origins.loggedModel(logged).map(Origins.Logged::run).orElse(null);
    }

    Optional<String> artifacts(@Nullable String run, @Nullable String logged) {
        Optional<String> ofRun = run == null ? Optional.empty() : origins.artifactsOfRun(run);
        return logged == null
                ? ofRun
                : origins.loggedModel(logged).map(Origins.Logged::artifacts).or(() -> ofRun);
    }

    /**
     * Where files are.
     *
     * @param storage null when the source itself says it
     * @param manifest what was frozen of them already
     */
    record Found(@Nullable String storage, @Nullable String manifest) {}

    Found find(String project, String source, @Nullable String run) {
        Matcher logged = LOGGED.matcher(source);
        if (logged.matches()) {
            return origins.loggedModel(logged.group(1))
                    .map(model -> new Found(model.artifacts(), null))
                    .orElseThrow(() -> SourceRules.refused(source, "there is no logged model '" + logged.group(1) + "'"));
        }
        Matcher ofRun = OF_RUN.matcher(source);
        if (ofRun.matches()) {
            return new Found(ofRun(source, ofRun.group(1), ofRun.group(2), run), null);
        }
        return "models".equals(SourceRules.scheme(source))
                ? database.read(sql -> ofVersion(sql, project, source))
                : new Found(null, null);
    }

    private String ofRun(String source, String named, @Nullable String path, @Nullable String run) {
        if (!named.equals(run)) {
            throw SourceRules.refused(
                    source, "it is in run '" + named + "', but 'run_id' says " + (run == null ? "nothing" : "'" + run + "'"));
        }
        String root = origins.artifactsOfRun(named)
                .orElseThrow(() -> SourceRules.refused(source, "there is no run '" + named + "'"));
        return path == null ? root : root + path;
    }

    private static Found ofVersion(Handle sql, String project, String source) {
        ModelRows.Row model;
        int number;
        Matcher byNumber = BY_NUMBER.matcher(source);
        Matcher byAlias = BY_ALIAS.matcher(source);
        if (byNumber.matches()) {
            model = model(sql, project, source, byNumber.group(1));
            number = Integer.parseInt(byNumber.group(2));
        } else if (byAlias.matches()) {
            model = model(sql, project, source, byAlias.group(1));
            number = RegisteredVersions.aliased(sql, model, byAlias.group(2))
                    .orElseThrow(() -> SourceRules.refused(source, "the model has no such alias"));
        } else {
            throw SourceRules.refused(source, "expected models:/NAME/VERSION, models:/NAME@ALIAS or models:/m-ID");
        }
        VersionRows.Row version = VersionRows.find(sql, new VersionRows.Id(model.id(), number))
                .orElseThrow(() -> SourceRules.refused(source, "there is no such version"));
        String storage = version.origin().storage();
        return new Found(
                storage == null ? version.origin().source() : storage,
                version.standing().manifest());
    }

    private static ModelRows.Row model(Handle sql, String project, String source, String name) {
        return ModelRows.find(sql, new ModelName(project, name))
                .orElseThrow(() -> SourceRules.refused(source, "there is no registered model '" + name + "'"));
    }
}
