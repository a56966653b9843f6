package dev.perennial.server.mlflow;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.governance.Caller;
import dev.perennial.governance.GovernanceRoom;
import dev.perennial.governance.Project;
import dev.perennial.governance.Projects;
import dev.perennial.governance.Right;
import dev.perennial.governance.Thing;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import java.util.List;

/** The calls under {@code workspaces}: MLflow's name for projects. */
final class WorkspaceCalls {
    private static final String NAME = "workspace_name";

    private final GovernanceRoom governance;

    WorkspaceCalls(GovernanceRoom governance) {
        this.governance = governance;
    }

    void register(Calls calls) {
        calls.on("GET 3.0 workspaces", Need.project(Right.READ), this::list);
        calls.on("POST 3.0 workspaces", Need.installation(), this::create);
        calls.on("GET 3.0 workspaces/{workspace_name}", Need.project(Right.READ), this::get);
        calls.on("PATCH 3.0 workspaces/{workspace_name}", Need.installation(), this::update);
        calls.on("DELETE 3.0 workspaces/{workspace_name}", Need.installation(), this::delete);
    }

    private boolean reads(Caller caller, String project) {
        return governance.access().right(caller, Thing.project(project)).isPresent()
                || (caller.project() != null
                        ? caller.project().equals(project)
                        : project.equals(Caller.DEFAULT_PROJECT));
    }

    private ObjectNode list(Call.Asked asked) {
        List<Project> readable = governance.projects().all().stream()
                .filter(project -> reads(asked.asker().caller(), project.name()))
                .toList();
        ObjectNode node = Json.object();
        Wire.putList(node, "workspaces", readable, WorkspaceCalls::wire);
        return node;
    }

    private static ObjectNode wire(Project project) {
        ObjectNode node = Json.object().put("name", project.name()).put("description", project.description());
        return project.artifactLocation().isEmpty()
                ? node
                : node.put("default_artifact_root", project.artifactLocation());
    }

    private static ObjectNode wrapped(Project project) {
        ObjectNode node = Json.object();
        node.set("workspace", wire(project));
        return node;
    }

    private ObjectNode create(Call.Asked asked) {
        if (asked.fields().filled("default_artifact_root") != null) {
            throw PerennialException.invalid(
                    "default_artifact_root", "artifacts of projects are kept on this server; leave it out");
        }
        String description = asked.fields().text("description");
        return wrapped(governance
                .projects()
                .create(
                        asked.asker().caller(),
                        asked.fields().required("name"),
                        description == null ? "" : description,
                        ""));
    }

    private ObjectNode get(Call.Asked asked) {
        String name = asked.fields().required(NAME);
        if (!reads(asked.asker().caller(), name)) {
            throw Projects.missing(name);
        }
        return wrapped(governance.projects().get(name));
    }

    private ObjectNode update(Call.Asked asked) {
        String description = asked.fields().text("description");
        String name = asked.fields().required(NAME);
        return wrapped(
                description == null
                        ? governance.projects().get(name)
                        : governance.projects().describe(asked.asker().caller(), name, description));
    }

    private ObjectNode delete(Call.Asked asked) {
        String mode = asked.fields().filled("mode");
        if (mode != null && !mode.equals("RESTRICT")) {
            throw PerennialException.invalid(
                    "mode", "mode '" + mode + "' is not taken: only an empty project can be deleted (RESTRICT)");
        }
        governance.projects().delete(asked.asker().caller(), asked.fields().required(NAME));
        return Json.object();
    }
}
