package dev.perennial.server.access;

import dev.perennial.governance.Access;
import dev.perennial.governance.Caller;
import dev.perennial.governance.Projects;
import dev.perennial.governance.Right;
import dev.perennial.governance.Thing;
import dev.perennial.governance.TokenScope;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.Page;
import dev.perennial.kernel.PageRequest;
import dev.perennial.kernel.PerennialException;
import dev.perennial.kernel.VersionId;
import dev.perennial.pipelines.RunId;
import dev.perennial.scorings.ScoringJob;
import dev.perennial.scorings.Scorings;
import dev.perennial.server.Rooms;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The rights of the product's own routes. What may not be known of is answered like what is not there. */
@ApplicationScoped
public class ApiRights {
    private static final int PAGES_MAX = 1000;

    private final Rooms rooms;
    private final CurrentVertxRequest current;

    @Inject
    public ApiRights(Rooms rooms, CurrentVertxRequest current) {
        this.rooms = rooms;
        this.current = current;
    }

    /** Who sent the request that is being answered. */
    public Caller caller() {
        return Callers.of(current.getCurrent());
    }

    /** The caller, who has to be a person and no token. */
    Caller person() {
        Caller caller = caller();
        if (caller.account() == 0 || caller.how() == Caller.How.TOKEN) {
            throw new PerennialException(ErrorCode.PERMISSION_DENIED, "this is for people who signed in by password");
        }
        return caller;
    }

    /** The project that the request names. */
    public Optional<String> project() {
        return Optional.ofNullable(current.getCurrent().request().getHeader(Callers.PROJECT))
                .filter(name -> !name.isBlank());
    }

    private Access access() {
        return rooms.governance().access();
    }

    /** What a name stands for: an endpoint that people made, or the model of a lifecycle file with its endpoint. */
    private Thing thing(ModelId name) {
        return rooms.endpoints()
                .project(name)
                .map(project -> Thing.endpoint(project, name.toString()))
                .orElseGet(() -> rooms.governance().models().thing(name.name()));
    }

    /** Whether lists show the model; text that names none is shown to administrators only. */
    public boolean reads(String model) {
        return reads(caller(), model);
    }

    private boolean reads(Caller caller, String model) {
        return caller.unrestricted()
                || (!model.isEmpty() && access().may(caller, Right.READ, thing(ModelId.parse(model))));
    }

    void model(Caller caller, Right right, String model) {
        if (!caller.unrestricted()) {
            ModelId id = ModelId.parse(model);
            access().require(caller, right, thing(id), () -> missing(id));
        }
    }

    void endpoint(Caller caller, Right right, String name) {
        if (!caller.unrestricted()) {
            ModelId id = ModelId.parse(name);
            access().require(caller, right, thing(id), () -> noEndpoint(name));
        }
    }

    private static PerennialException noEndpoint(String name) {
        return PerennialException.notFound(
                "no endpoint '" + name + "'; 'perennial endpoints' lists them, 'perennial deploy' makes one");
    }

    /** @param name null for a route that names none */
    void endpointPlace(Caller caller, Right right, @Nullable String name) {
        if (name != null && rooms.endpoints().find(ModelId.parse(name)).isPresent()) {
            endpoint(caller, right, name);
        } else {
            project(caller, right, caller.project(project()));
        }
    }

    /** The project that a new endpoint of this request is in. */
    public String place() {
        return rooms.governance().projects().get(caller().project(project())).name();
    }

    /** Refuses to deploy versions of a model that the caller may not read. */
    public void readsModel(String project, String model) {
        registered(Right.READ, project, model);
    }

    /** Refuses to score by versions of a registered model that the caller may not use. */
    public void usesModel(String project, String model) {
        registered(Right.USE, project, model);
    }

    private void registered(Right right, String project, String model) {
        Caller caller = caller();
        if (!caller.unrestricted()) {
            access().require(
                            caller,
                            right,
                            Thing.model(project, model),
                            () -> PerennialException.notFound("no model '" + model + "' in project '" + project + "'"));
        }
    }

    private static PerennialException missing(ModelId model) {
        return PerennialException.notFound(
                "no model '" + model + "'; 'perennial models' lists the models, 'perennial apply FILE' makes one");
    }

    /** Signing is for approvers, and never for one's own work. */
    void signing(Caller caller, String model) {
        ModelId id = ModelId.parse(model);
        if (!caller.checked()) {
            return;
        }
        model(caller, Right.READ, model);
        if (!access().maySign(caller, thing(id).project())) {
            rooms.governance().ledger().denied(caller, "model_version.sign", "model:" + id);
            throw new PerennialException(
                    ErrorCode.PERMISSION_DENIED,
                    "signing needs the role approver in project '" + thing(id).project()
                            + "'; administrators have it only when it is given to them");
        }
    }

    /** Refuses to sign what the caller proposed, or what was made by a lifecycle file that the caller applied. */
    public void notOwnWork(VersionId version) {
        Caller caller = caller();
        if (caller.checked() && new Authors(rooms).of(version).contains("user:" + caller.name())) {
            rooms.governance().ledger().denied(caller, "model_version.sign", "model:" + version);
            throw new PerennialException(
                    ErrorCode.PERMISSION_DENIED,
                    "'" + caller.name() + "' proposed or applied what made version '" + version
                            + "', so another approver has to sign it");
        }
    }

    /** Refuses to read files of the server's machine for others than administrators, who could tell with it what is there. */
    public void readsServerFiles(ModelId model) {
        Caller caller = caller();
        if (caller.checked() && !caller.unrestricted()) {
            rooms.governance().ledger().denied(caller, "model_version.create", "model:" + model);
            throw new PerennialException(
                    ErrorCode.PERMISSION_DENIED,
                    "'modelFile' and 'manifestFile' name files on the server's machine, which are read for administrators only; ask"
                            + " one to propose the model");
        }
    }

    /** The endpoints that the caller's token lets a scorer serve; empty for all. */
    public Optional<List<String>> scorerEndpoints() {
        return caller().scope() instanceof TokenScope.Scorer scorer
                ? Optional.of(scorer.endpoints())
                : Optional.empty();
    }

    /** Only a token that is for this scorer. */
    static void scorer(Caller caller, String id) {
        if (!(caller.scope() instanceof TokenScope.Scorer scorer)
                || !scorer.id().equals(id)) {
            throw new PerennialException(
                    ErrorCode.PERMISSION_DENIED,
                    "this is for scorer '" + id + "', with a token of its own: perennial tokens create --scorer " + id
                            + " --endpoints ...");
        }
    }

    /** What somebody who asked a scorer may do with an endpoint. */
    public Optional<Right> onEndpoint(Caller who, String endpoint) {
        return who.unrestricted()
                ? Optional.of(Right.MANAGE)
                : rooms.governance().serving().right(who, endpoint, thing(ModelId.parse(endpoint)));
    }

    /** Whether lists show an endpoint. */
    public boolean seesEndpoint(String endpoint) {
        return endpoint(endpoint, Right.READ);
    }

    /** Whether the caller may use an endpoint, or run a scorer for it. */
    public boolean usesEndpoint(String endpoint) {
        return endpoint(endpoint, Right.USE);
    }

    private boolean endpoint(String endpoint, Right right) {
        return onEndpoint(caller(), endpoint)
                .filter(has -> has.compareTo(right) >= 0)
                .isPresent();
    }

    void alert(Caller caller, Right right, String alert) {
        if (!caller.unrestricted()) {
            String model = rooms.alerts().get(alert).model().toString();
            access().require(
                            caller,
                            right,
                            thing(ModelId.parse(model)),
                            () -> PerennialException.notFound(
                                    "no alert '" + alert + "'; 'perennial alerts' lists them"));
        }
    }

    void run(Caller caller, Right right, String run) {
        if (!caller.unrestricted()) {
            Supplier<PerennialException> missing = () ->
                    PerennialException.notFound("no pipeline run '" + run + "'; 'perennial pipelines' lists them");
            String model =
                    rooms.engine().find(new RunId(run)).orElseThrow(missing).subject();
            if (model.isEmpty()) {
                throw missing.get();
            }
            access().require(caller, right, thing(ModelId.parse(model)), missing);
        }
    }

    void replay(Caller caller, Right right, String name) {
        if (!caller.unrestricted()) {
            ModelId model = rooms.replays().get(name).model();
            access().require(
                            caller,
                            right,
                            thing(model),
                            () -> PerennialException.notFound(
                                    "no replay '" + name + "'; 'perennial replay --list' shows them"));
        }
    }

    void scoring(Caller caller, Right right, String id) {
        if (!caller.unrestricted()) {
            ScoringJob job = rooms.scorings()
                    .find(id)
                    .filter(found -> sees(caller, found))
                    .orElseThrow(() -> Scorings.missing(id));
            access().require(caller, right, thing(job), () -> Scorings.missing(id));
        }
    }

    /** Whether the caller may know of a scoring job. */
    public boolean sees(ScoringJob job) {
        return sees(caller(), job);
    }

    private boolean sees(Caller caller, ScoringJob job) {
        return caller.unrestricted()
                || (caller.name().equals(job.by()) && access().may(caller, Right.READ, thing(job)))
                || access().may(caller, Right.MANAGE, thing(job));
    }

    private Thing thing(ScoringJob job) {
        return job.project() == null ? thing(ModelId.parse(job.subject())) : Thing.model(job.project(), job.subject());
    }

    /** Refuses who may not call what serves under a name. */
    public void uses(ModelId name) {
        model(caller(), Right.USE, name.toString());
    }

    /** Refuses to score files of the server's machine for others than administrators, who could read and write there with it. */
    public void readsServerPaths() {
        Caller caller = caller();
        if (caller.checked() && !caller.unrestricted()) {
            throw new PerennialException(
                    ErrorCode.PERMISSION_DENIED,
                    "files on the server's machine are scored for administrators only; send the file with its 'digest'",
                    "input",
                    null);
        }
    }

    void project(Caller caller, Right right, String project) {
        if (!caller.unrestricted()) {
            access().require(caller, right, Thing.project(project), () -> Projects.missing(project));
        }
    }

    /**
     * For routes whose body names the model: an existing one by its own rights, a new one by those on the project that it will be in, which
     * is the request's.
     *
     * @param places whether a new model comes to be
     */
    public void lifecycle(Right right, String model, boolean places) {
        Caller caller = caller();
        ModelId id = ModelId.parse(model);
        boolean there = rooms.lifecycle()
                .lifecycles()
                .find(new ModelId(id.name(), ModelId.LIVE))
                .isPresent();
        String place = there ? rooms.governance().models().of(id.name()) : caller.project(project());
        if (!caller.unrestricted()) {
            allowed(caller, right, id, there, place);
        }
        if (places && !there) {
            rooms.governance().models().place(id.name(), place);
        }
    }

    private void allowed(Caller caller, Right right, ModelId id, boolean there, String place) {
        Thing thing = there ? Thing.model(place, id.name()) : Thing.project(place);
        try {
            access().require(caller, right, thing, () -> missing(id));
        } catch (PerennialException e) {
            rooms.governance().ledger().denied(caller, "plan.apply", "model:" + id);
            throw e;
        }
    }

    /** A page of what the caller may read, filled from as many pages as it takes. */
    public <T> Page<T> readable(PageRequest request, Function<PageRequest, Page<T>> pages, Function<T, String> model) {
        Caller caller = caller();
        return caller.unrestricted()
                ? pages.apply(request)
                : visible(request, pages, item -> reads(caller, model.apply(item)));
    }

    /** A page of what passes, filled from as many pages as it takes. */
    public <T> Page<T> visible(PageRequest request, Function<PageRequest, Page<T>> pages, Predicate<T> passes) {
        List<T> kept = new ArrayList<>();
        PageRequest next = request;
        for (int i = 0; i < PAGES_MAX; i++) {
            Page<T> page = pages.apply(next);
            page.items().stream().filter(passes).forEach(kept::add);
            if (page.next().isEmpty() || kept.size() == request.limit()) {
                return new Page<>(kept, page.next());
            }
            next = PageRequest.of(request.limit() - kept.size(), page.next().get());
        }
        return new Page<>(kept, next.after().map(key -> token(key)));
    }

    private static String token(String key) {
        return java.util.Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(key.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
}
