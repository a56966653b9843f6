package dev.perennial.server.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.governance.Caller;
import dev.perennial.governance.Membership;
import dev.perennial.governance.Project;
import dev.perennial.governance.Projects;
import dev.perennial.governance.Right;
import dev.perennial.governance.Role;
import dev.perennial.governance.Thing;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.Page;
import dev.perennial.kernel.PageRequest;
import dev.perennial.kernel.PerennialException;
import dev.perennial.server.Fields;
import dev.perennial.server.Keys;
import dev.perennial.server.Rooms;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

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
        projects().grant(rights.caller(), name, Fields.text(body, "user"), role);
        return get(name);
    }

    /** Who has roles here, by name. */
    @GET
    @Path("/{project}/members")
    @Needs(on = Needs.On.PROJECT)
    public String members(
            @PathParam("project") String name,
            @QueryParam("limit") @Nullable Integer limit,
            @QueryParam("page_token") @Nullable String token) {
        projects().get(name);
        Page<Membership> page = projects().memberships(name, PageRequest.of(limit, token));
        return AccessResource.list(page.items(), ProjectResource::membership)
                .put("next", page.next().orElse(null))
                .toString();
    }

    /** Gives somebody exactly the roles that the body names. */
    @PUT
    @Path("/{project}/members/{user}")
    @Needs(value = Right.MANAGE, on = Needs.On.PROJECT)
    public String setRoles(
            @PathParam("project") String name, @PathParam("user") String user, @Keys("roles") JsonNode body) {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        if (!body.path("roles").isArray()) {
            throw PerennialException.invalid("roles", "'roles' must be a list of roles, got " + body.path("roles"));
        }
        for (JsonNode role : body.path("roles")) {
            roles.add(Role.inProject(role.asText()));
        }
        return membership(projects().set(rights.caller(), name, user, roles)).toString();
    }

    /** Takes all roles away. */
    @DELETE
    @Path("/{project}/members/{user}")
    @Needs(value = Right.MANAGE, on = Needs.On.PROJECT)
    public String remove(@PathParam("project") String name, @PathParam("user") String user) {
        projects().revoke(rights.caller(), name, user, null);
        return "{}";
    }

    private static ObjectNode membership(Membership membership) {
        ObjectNode shown = Json.object().put("user", membership.user());
        ArrayNode roles = shown.putArray("roles");
        membership.roles().forEach(role -> roles.add(role.text()));
        return shown;
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
