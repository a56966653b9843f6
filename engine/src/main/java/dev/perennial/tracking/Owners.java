package dev.perennial.tracking;

import dev.perennial.store.Database;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** To which experiment and project runs and files belong, for whoever decides on rights. Each question is one or two indexed reads. Thread-safe. */
public final class Owners {
    private final Database database;

    public Owners(Database database) {
        this.database = database;
    }

    /** An experiment and its project. */
    public record Owner(long experiment, String project) {}

    public Optional<Owner> experiment(long id) {
        return database.read(sql -> sql.createQuery("select id, project from experiment where id = :id")
                .bind("id", id)
                .map((row, context) -> new Owner(row.getLong("id"), row.getString("project")))
                .findOne());
    }

    public Optional<Owner> loggedModel(String id) {
        return database.read(sql -> sql.createQuery("select e.id, e.project from logged_model m"
                        + " join experiment e on e.id = m.experiment where m.id = :id")
                .bind("id", id)
                .map((row, context) -> new Owner(row.getLong("id"), row.getString("project")))
                .findOne());
    }

    public Optional<Owner> run(String id) {
        return database.read(sql -> sql.createQuery("select e.id, e.project from tracked_run r"
                        + " join experiment e on e.id = r.experiment where r.id = :id")
                .bind("id", id)
                .map((row, context) -> new Owner(row.getLong("id"), row.getString("project")))
                .findOne());
    }

    /**
     * The owners of a file or folder by the places that are stored: of the run or logged model whose folder it lies in or is, otherwise of
     * each experiment whose folder it lies in or is. Nothing owns what lies above them.
     */
    public List<Owner> artifact(ArtifactPath path) {
        return database.read(sql -> {
            Optional<Owner> one = byId(sql, path);
            return one.isPresent() ? List.of(one.get()) : ofExperiments(sql, path);
        });
    }

    /** The folder of a run or logged model holds its id, by which it is looked up; what counts is the stored place. */
    private static Optional<Owner> byId(Handle sql, ArtifactPath path) {
        for (int i = 0; i + 1 < path.segments().size(); i++) {
            List<Placed> placed = sql.createQuery("select e.id, e.project, r.artifact_uri from tracked_run r"
                            + " join experiment e on e.id = r.experiment where r.id = :id"
                            + " union all select e.id, e.project, m.artifact_uri from logged_model m"
                            + " join experiment e on e.id = m.experiment where m.id = :id")
                    .bind("id", path.segments().get(i))
                    .map((row, context) -> new Placed(
                            new Owner(row.getLong("id"), row.getString("project")), row.getString("artifact_uri")))
                    .list();
            Optional<Placed> holder =
                    placed.stream().filter(one -> one.holds(path)).findFirst();
            if (holder.isPresent()) {
                return Optional.of(holder.get().owner());
            }
        }
        return Optional.empty();
    }

    private static List<Owner> ofExperiments(Handle sql, ArtifactPath path) {
        List<String> places = new ArrayList<>();
        for (int i = 1; i <= path.segments().size(); i++) {
            String above = String.join("/", path.segments().subList(0, i));
            places.add(Locations.OWN + ":/" + above);
            places.add(Locations.OWN + ":/" + above + "/");
        }
        return places.isEmpty()
                ? List.of()
                : sql.createQuery("select id, project from experiment where artifact_location in (<places>)")
                        .bindList("places", places)
                        .map((row, context) -> new Owner(row.getLong("id"), row.getString("project")))
                        .list();
    }

    private record Placed(Owner owner, String uri) {
        boolean holds(ArtifactPath path) {
            return Artifacts.directory(uri)
                    .filter(folder ->
                            folder.segments().size() <= path.segments().size()
                                    && path.segments()
                                            .subList(0, folder.segments().size())
                                            .equals(folder.segments()))
                    .isPresent();
        }
    }
}
