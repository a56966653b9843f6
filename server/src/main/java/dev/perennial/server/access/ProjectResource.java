package dev.perennial.server.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.governance.Caller;
import dev.perennial.governance.Project;
import dev.perennial.governance.Projects;
import dev.perennial.governance.Right;
import dev.perennial.governance.Role;
import dev.perennial.governance.Thing;
import dev.perennial.kernel.Json;
import dev.perennial.server.Fields;
import dev.perennial.server.Keys;
import dev.perennial.server.Rooms;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;

/** Projects and who is what in them. */
@Path("/api/access/projects")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class ProjectResource {
    private final Rooms rooms;
    private final ApiRights rights;

    @Inject
    public ProjectResource(Rooms rooms, ApiRights rights) {
        this.rooms = rooms;
        this.rights = rights;
    }

    private Projects projects() {
        return rooms.governance().projects();
    }

    @GET
    @Needs(on = Needs.On.SIGNED_IN)
    public String list() {
        Caller caller = rights.caller();
        List<Project> readable = projects().all().stream()
                .filter(project -> rooms.governance().access().may(caller, Right.READ, Thing.project(project.name())))
                .toList();
        return AccessResource.list(readable, ProjectResource::project)
                .putNull("next")
                .toString();
    }

    @POST
    @Needs(value = Right.MANAGE, on = Needs.On.INSTALLATION)
    public String create(@Keys({"name", "description"}) JsonNode body) {
        return project(projects()
                        .create(rights.caller(), Fields.text(body, "name"), Fields.text(body, "description", ""), ""))
                .toString();
    }

    /** A project with its members. */
    @GET
    @Path("/{project}")
    @Needs(on = Needs.On.PROJECT)
    public String get(@PathParam("project") String name) {
        ObjectNode body = project(projects().get(name));
        var members = body.putArray("members");
        projects().members(name).forEach(member -> members.add(AccessResource.member(member)));
        return body.toString();
    }

    /** Only an empty project goes. */
    @DELETE
    @Path("/{project}")
    @Needs(value = Right.MANAGE, on = Needs.On.INSTALLATION)
    public String delete(@PathParam("project") String name) {
        projects().delete(rights.caller(), name);
        return "{}";
    }

    @POST
    @Path("/{project}/members")
    @Needs(value = Right.MANAGE, on = Needs.On.PROJECT)
    public String grant(@PathParam("project") String name, @Keys({"user", "role"}) JsonNode body) {
        Role role = Role.inProject(Fields.text(body, "role"));
        refuseOwnApproval(role);
        projects().grant(rights.caller(), name, Fields.text(body, "user"), role);
        return get(name);
    }

    /** Who deploys does not decide who approves: approvers are named by administrators. */
    private void refuseOwnApproval(Role role) {
        if (role == Role.APPROVER && !rights.caller().unrestricted()) {
            throw dev.perennial.governance.Access.denied();
        }
    }

    /** Takes one role away, or all when none is named. */
    @POST
    @Path("/{project}/members/remove")
    @Needs(value = Right.MANAGE, on = Needs.On.PROJECT)
    public String revoke(@PathParam("project") String name, @Keys({"user", "role"}) JsonNode body) {
        String role = Fields.text(body, "role", "");
        projects()
                .revoke(rights.caller(), name, Fields.text(body, "user"), role.isEmpty() ? null : Role.inProject(role));
        return get(name);
    }

    private static ObjectNode project(Project project) {
        return Json.object()
                .put("name", project.name())
                .put("description", project.description())
                .put("createdAt", project.createdAt());
    }
}
