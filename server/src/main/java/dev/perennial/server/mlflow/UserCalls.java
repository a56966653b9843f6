package dev.perennial.server.mlflow;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.governance.Account;
import dev.perennial.governance.Accounts;
import dev.perennial.governance.Caller;
import dev.perennial.governance.GovernanceRoom;
import dev.perennial.governance.Grant;
import dev.perennial.governance.Right;
import dev.perennial.governance.Thing;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PageRequest;
import dev.perennial.kernel.PerennialException;
import java.util.Optional;

/** The calls under {@code users/}. */
final class UserCalls {
    private static final String USERNAME = "username";

    private final GovernanceRoom governance;
    private final boolean on;

    /** @param on whether callers sign in; without it there is nobody to make */
    UserCalls(GovernanceRoom governance, boolean on) {
        this.governance = governance;
        this.on = on;
    }

    void register(Calls calls) {
        calls.on("POST 2.0 users/create", Need.installation(), this::create);
        calls.on(
                "GET 2.0 users/get",
                Need.account(),
                asked -> wrapped(asked.fields().required(USERNAME)));
        calls.on("GET 2.0 users/list", Need.installation(), asked -> list());
        calls.on("PATCH 2.0 users/update-password", Need.account(), this::password);
        calls.on("PATCH 2.0 users/update-admin", Need.installation(), this::administrator);
        calls.on("DELETE 2.0 users/delete", Need.installation(), asked -> {
            governance.accounts().delete(actor(asked), asked.fields().required(USERNAME));
            return Json.object();
        });
        calls.on(
                "GET 3.0 users/current",
                Need.project(Right.READ),
                asked -> wrapped(actor(asked).name()));
    }

    private Caller actor(Call.Asked asked) {
        return required(on, asked);
    }

    static Caller required(boolean on, Call.Asked asked) {
        if (!on) {
            throw PerennialException.state("this server asks nobody to sign in; start it with --auth to have users");
        }
        return asked.asker().caller();
    }

    private ObjectNode create(Call.Asked asked) {
        String name = asked.fields().required(USERNAME);
        governance
                .accounts()
                .create(
                        actor(asked),
                        new Accounts.NewAccount(
                                name, Account.Kind.PERSON, asked.fields().required("password"), false));
        return wrapped(name);
    }

    private ObjectNode wrapped(String name) {
        Account account = governance.accounts().get(name);
        ObjectNode user = Json.object()
                .put("id", account.id())
                .put(USERNAME, account.name())
                .put("is_admin", account.administrator());
        var experiments = user.putArray("experiment_permissions");
        var models = user.putArray("registered_model_permissions");
        user.putArray("scorer_permissions");
        for (Grant grant : governance.grants().of(name)) {
            (grant.kind() == Thing.Kind.EXPERIMENT ? experiments : models).add(permission(grant));
        }
        ObjectNode node = Json.object();
        node.set("user", user);
        return node;
    }

    /** A grant as MLflow shows it. */
    static ObjectNode permission(Grant grant) {
        ObjectNode node = grant.kind() == Thing.Kind.EXPERIMENT
                ? Json.object().put("experiment_id", grant.object())
                : Json.object()
                        .put("name", grant.object().substring(grant.object().indexOf('/') + 1));
        return node.put("user_id", grant.account())
                .put("permission", grant.right().name());
    }

    private ObjectNode list() {
        ObjectNode node = Json.object();
        var users = node.putArray("users");
        Optional<String> next = Optional.of("");
        while (next.isPresent()) {
            var page = governance.accounts().page(PageRequest.of(PageRequest.LIMIT_MAX, next.get()));
            page.items()
                    .forEach(
                            account -> users.addObject().put("id", account.id()).put(USERNAME, account.name()));
            next = page.next();
        }
        return node;
    }

    /** Whoever changes the own password says the present one. */
    private ObjectNode password(Call.Asked asked) {
        Caller caller = actor(asked);
        String name = asked.fields().required(USERNAME);
        String password = asked.fields().required("password");
        if (caller.name().equals(name)) {
            String present = asked.fields().required("current_password");
            if (!governance.authentication().knows(caller, present, "password change")) {
                throw PerennialException.invalid("current_password", "the current password is not right");
            }
        }
        governance.accounts().password(caller, name, password);
        return Json.object();
    }

    private ObjectNode administrator(Call.Asked asked) {
        Boolean admin = asked.fields().flag("is_admin");
        if (admin == null) {
            throw asked.fields().missing("is_admin");
        }
        governance.accounts().administrator(actor(asked), asked.fields().required(USERNAME), admin);
        return Json.object();
    }
}
