package dev.perennial.server.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.governance.Access;
import dev.perennial.governance.Account;
import dev.perennial.governance.Accounts;
import dev.perennial.governance.Caller;
import dev.perennial.governance.GovernanceRoom;
import dev.perennial.governance.Grant;
import dev.perennial.governance.Member;
import dev.perennial.governance.Recovery;
import dev.perennial.governance.Right;
import dev.perennial.governance.Role;
import dev.perennial.governance.Thing;
import dev.perennial.governance.Token;
import dev.perennial.governance.TokenScope;
import dev.perennial.governance.Tokens;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.Page;
import dev.perennial.kernel.PageRequest;
import dev.perennial.kernel.PerennialException;
import dev.perennial.server.Fields;
import dev.perennial.server.Keys;
import dev.perennial.server.Rooms;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Accounts, tokens and one's own rights. */
@Path("/api/access")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class AccessResource {
    private final Rooms rooms;
    private final ApiRights rights;
    private final Instance<RouteSource> sources;

    @Inject
    public AccessResource(Rooms rooms, ApiRights rights, @Any Instance<RouteSource> sources) {
        this.rooms = rooms;
        this.rights = rights;
        this.sources = sources;
    }

    /** All routes with the rights that they need. */
    @GET
    @Path("/routes")
    @Needs(on = Needs.On.SIGNED_IN)
    public String routes() {
        List<DeclaredRoute> all = sources.stream()
                .flatMap(source -> source.routes().stream())
                .sorted(Comparator.comparing(DeclaredRoute::path).thenComparing(DeclaredRoute::method))
                .toList();
        return list(
                        all,
                        route -> Json.object()
                                .put("method", route.method())
                                .put("path", route.path())
                                .put("right", route.right().name())
                                .put("on", route.on()))
                .putNull("next")
                .toString();
    }

    private GovernanceRoom governance() {
        if (!rooms.access().auth()) {
            throw PerennialException.state("this server asks nobody to sign in; start it with --auth to have users");
        }
        return rooms.governance();
    }

    /** Who I am, and what I may do. */
    @GET
    @Path("/me")
    @Needs(on = Needs.On.SIGNED_IN)
    public String me() {
        Caller caller = rights.caller();
        ObjectNode body = Json.object()
                .put("user", caller.name())
                .put("authenticated", caller.checked())
                .put("administrator", caller.administrator())
                .put("how", caller.how().name())
                .put("token", caller.token())
                .put("project", caller.project(rights.project()));
        ArrayNode roles = body.putArray("roles");
        ArrayNode grants = body.putArray("grants");
        if (caller.account() != 0) {
            rooms.governance().projects().rolesOf(caller.name()).forEach(member -> roles.add(member(member)));
            rooms.governance().grants().of(caller.name()).forEach(grant -> grants.add(grant(grant)));
        }
        return body.toString();
    }

    @GET
    @Path("/users")
    @Needs(on = Needs.On.INSTALLATION)
    public String users(
            @QueryParam("limit") @Nullable Integer limit, @QueryParam("page_token") @Nullable String token) {
        Page<Account> page = governance().accounts().page(PageRequest.of(limit, token));
        return list(page.items(), AccessResource::account)
                .put("next", page.next().orElse(null))
                .toString();
    }

    @POST
    @Path("/users")
    @Needs(value = Right.MANAGE, on = Needs.On.INSTALLATION)
    public String createUser(@Keys({"name", "password", "kind", "administrator", "role"}) JsonNode body) {
        Account.Kind kind = kind(Fields.text(body, "kind", "person"));
        String password = Fields.text(body, "password", "");
        String role = Fields.text(body, "role", "");
        Role inDefault = role.isEmpty() ? null : Role.inProject(role);
        Account account = governance()
                .accounts()
                .create(
                        rights.caller(),
                        new Accounts.NewAccount(
                                Fields.text(body, "name"),
                                kind,
                                password.isEmpty() ? null : password,
                                Fields.flag(body, "administrator")));
        if (inDefault != null) {
            governance().projects().grant(rights.caller(), Caller.DEFAULT_PROJECT, account.name(), inDefault);
        }
        return account(account).toString();
    }

    private static Account.Kind kind(String text) {
        return switch (text) {
            case "person" -> Account.Kind.PERSON;
            case "service" -> Account.Kind.SERVICE;
            default -> throw PerennialException.invalid("kind", "kind '" + text + "' is neither person nor service");
        };
    }

    /** An account with its roles and grants. */
    @GET
    @Path("/users/{name}")
    @Needs(on = Needs.On.INSTALLATION)
    public String user(@PathParam("name") String name) {
        ObjectNode body = account(governance().accounts().get(name));
        ArrayNode roles = body.putArray("roles");
        governance().projects().rolesOf(name).forEach(member -> roles.add(member(member)));
        ArrayNode grants = body.putArray("grants");
        governance().grants().of(name).forEach(grant -> grants.add(grant(grant)));
        return body.toString();
    }

    /** Changes what the body names and nothing else. */
    @POST
    @Path("/users/{name}/update")
    @Needs(value = Right.MANAGE, on = Needs.On.INSTALLATION)
    public String updateUser(
            @PathParam("name") String name,
            @Keys({"password", "administrator", "disabled", "defaultProject"}) JsonNode body) {
        Accounts accounts = governance().accounts();
        boolean administrator = Fields.flag(body, "administrator");
        boolean disabled = Fields.flag(body, "disabled");
        String password = Fields.text(body, "password", "");
        String project = Fields.text(body, "defaultProject", "");
        if (!password.isEmpty()) {
            accounts.password(rights.caller(), name, password);
        }
        if (body.hasNonNull("administrator")) {
            accounts.administrator(rights.caller(), name, administrator);
        }
        if (body.hasNonNull("disabled")) {
            accounts.disabled(rights.caller(), name, disabled);
        }
        if (!project.isEmpty()) {
            accounts.defaultProject(rights.caller(), name, project);
        }
        return account(accounts.get(name)).toString();
    }

    @DELETE
    @Path("/users/{name}")
    @Needs(value = Right.MANAGE, on = Needs.On.INSTALLATION)
    public String deleteUser(@PathParam("name") String name) {
        governance().accounts().delete(rights.caller(), name);
        return "{}";
    }

    /** For who may read the data directory, when nobody can sign in any more. */
    @POST
    @Path("/users/{name}/recover")
    @Needs(value = Right.MANAGE, on = Needs.On.DATA_DIRECTORY)
    public String recover(@PathParam("name") String name, @Keys("password") JsonNode body) {
        Recovery.Recovered done =
                governance().recovery().administrator(rights.caller(), name, Fields.text(body, "password"));
        return account(done.account())
                .put("made", done.made())
                .put("tokensEnded", done.tokens())
                .put("sessionsEnded", done.sessions())
                .toString();
    }

    /** One's own tokens; of others for administrators. */
    @GET
    @Path("/tokens")
    @Needs(on = Needs.On.SIGNED_IN)
    public String tokens(@QueryParam("user") @Nullable String user) {
        return list(governance().tokens().of(owner(user)), AccessResource::token)
                .putNull("next")
                .toString();
    }

    @POST
    @Path("/tokens")
    @Needs(value = Right.EDIT, on = Needs.On.SIGNED_IN)
    public String createToken(
            @Keys({"user", "name", "project", "role", "days", "endpoint", "scorer", "endpoints"}) JsonNode body) {
        String role = Fields.text(body, "role", "");
        String project = Fields.text(body, "project", "");
        if (body.hasNonNull("days") && !body.get("days").canConvertToInt()) {
            throw PerennialException.invalid("days", "'days' must be a whole number, got " + body.get("days"));
        }
        Tokens.Issued issued = governance()
                .tokens()
                .issue(
                        rights.caller(),
                        new Tokens.NewToken(
                                owner(Fields.text(body, "user", "")),
                                Fields.text(body, "name"),
                                project.isEmpty() ? null : project,
                                role.isEmpty() ? null : Role.inProject(role),
                                scope(body, project.isEmpty() && role.isEmpty()),
                                body.hasNonNull("days")
                                        ? Duration.ofDays(body.get("days").asInt())
                                        : Tokens.LIFE_DEFAULT));
        return token(issued.token()).put("token", issued.text()).toString();
    }

    /** @param plain whether nothing else narrows the token */
    private static @Nullable TokenScope scope(JsonNode body, boolean plain) {
        String endpoint = Fields.text(body, "endpoint", "");
        String scorer = Fields.text(body, "scorer", "");
        List<String> endpoints = new ArrayList<>();
        JsonNode named = body.path("endpoints");
        named.forEach(name -> endpoints.add(name.asText()));
        if (!named.isMissingNode() && !named.isNull() && !named.isArray()) {
            throw PerennialException.invalid("endpoints", "'endpoints' must be a list of names");
        }
        if (scorer.isEmpty() && !endpoints.isEmpty()) {
            throw PerennialException.invalid(
                    "scorer", "'endpoints' are those of a scorer; name it, or name one 'endpoint'");
        }
        if (endpoint.isEmpty() && scorer.isEmpty()) {
            return null;
        }
        if (!plain || !(endpoint.isEmpty() || scorer.isEmpty())) {
            throw PerennialException.invalid(
                    endpoint.isEmpty() ? "scorer" : "endpoint",
                    "a token is for one endpoint, for one scorer, or for a project and role; choose one of these");
        }
        return scorer.isEmpty() ? new TokenScope.Endpoint(endpoint) : new TokenScope.Scorer(scorer, endpoints);
    }

    /** One's own, and any for administrators; a token may end itself. */
    @POST
    @Path("/tokens/{id}/revoke")
    @Needs(value = Right.EDIT, on = Needs.On.SIGNED_IN)
    public String revokeToken(@PathParam("id") String id) {
        Caller caller = rights.caller();
        Token token = governance().tokens().get(id);
        boolean own =
                caller.how() == Caller.How.TOKEN ? id.equals(caller.token()) : token.account() == caller.account();
        if (!own && !caller.unrestricted()) {
            throw PerennialException.notFound("there is no token '" + id + "'");
        }
        governance().tokens().revoke(caller, id);
        return "{}";
    }

    /** Oneself, or for administrators anybody. A token makes no tokens, so that one that leaked stays the only one. */
    private String owner(@Nullable String user) {
        Caller caller = rights.caller();
        if (caller.how() == Caller.How.TOKEN) {
            throw new PerennialException(
                    ErrorCode.PERMISSION_DENIED, "a token does not manage tokens; sign in with your password");
        }
        if (user == null || user.isEmpty() || user.equals(caller.name())) {
            return rights.person().name();
        }
        if (!caller.unrestricted()) {
            throw Access.denied();
        }
        return user;
    }

    static <T> ObjectNode list(List<T> items, Function<T, ObjectNode> shown) {
        ObjectNode body = Json.object();
        ArrayNode array = body.putArray("items");
        items.forEach(item -> array.add(shown.apply(item)));
        return body;
    }

    private static ObjectNode account(Account account) {
        return Json.object()
                .put("name", account.name())
                .put("kind", account.kind().text())
                .put("administrator", account.administrator())
                .put("disabled", account.disabled())
                .put("defaultProject", account.defaultProject())
                .put("createdAt", account.createdAt());
    }

    private static ObjectNode token(Token token) {
        ObjectNode shown = Json.object()
                .put("id", token.id())
                .put("user", token.owner())
                .put("name", token.name())
                .put("kind", token.kind())
                .put("project", token.project())
                .put("role", token.role() == null ? null : token.role().text())
                .put("createdAt", token.createdAt())
                .put("expiresAt", token.expiresAt())
                .put("usedAt", token.usedAt())
                .put("revokedAt", token.revokedAt());
        shown.put("endpoint", token.scope() instanceof TokenScope.Endpoint one ? one.name() : null);
        shown.put("scorer", token.scope() instanceof TokenScope.Scorer one ? one.id() : null);
        ArrayNode endpoints = shown.putArray("endpoints");
        if (token.scope() instanceof TokenScope.Scorer one) {
            one.endpoints().forEach(endpoints::add);
        }
        return shown;
    }

    static ObjectNode member(Member member) {
        return Json.object()
                .put("project", member.project())
                .put("user", member.user())
                .put("role", member.role().text());
    }

    static ObjectNode grant(Grant grant) {
        String kind = grant.kind() == Thing.Kind.EXPERIMENT ? "experiment" : "model";
        return Json.object()
                .put("user", grant.user())
                .put("kind", kind)
                .put("object", grant.object())
                .put("permission", grant.right().name());
    }
}
