package dev.perennial.governance;

import dev.perennial.store.Database;
import java.util.Optional;

/** In which project the models with a lifecycle are; their names are unique everywhere. Thread-safe. */
public final class ModelProjects {
    private final Database database;

    ModelProjects(Database database) {
        this.database = database;
    }

    /** The project of a model; the default one unless something else was said. */
    public String of(String model) {
        return find(model).orElse(Caller.DEFAULT_PROJECT);
    }

    private Optional<String> find(String model) {
        return database.read(sql -> sql.createQuery("select project from model_project where model = :model")
                .bind("model", model)
                .mapTo(String.class)
                .findOne());
    }

    public Thing thing(String model) {
        return Thing.model(of(model), model);
    }

    /** Says where a new model is, before it is made; a model that is somewhere stays there. */
    public void place(String model, String project) {
        if (!project.equals(Caller.DEFAULT_PROJECT)) {
            database.writing(tx -> {
                Projects.require(tx.sql(), project);
                tx.sql()
                        .createUpdate("insert into model_project (model, project) values (:model, :project)"
                                + " on conflict do nothing")
                        .bind("model", model)
                        .bind("project", project)
                        .execute();
            });
        }
    }
}
