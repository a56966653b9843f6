package dev.perennial.server.mlflow;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.governance.GovernanceRoom;
import dev.perennial.governance.Grants;
import dev.perennial.governance.Right;
import dev.perennial.governance.Thing;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.tracking.Owners;
import java.util.function.Function;

/** The calls under {@code experiments/permissions/} and {@code registered-models/permissions/}. */
final class PermissionCalls {
    private final GovernanceRoom governance;
    private final Owners owners;
    private final boolean on;

    PermissionCalls(GovernanceRoom governance, Owners owners, boolean on) {
        this.governance = governance;
        this.owners = owners;
        this.on = on;
    }

    void register(Calls calls) {
        family(calls, "experiments", "experiment_permission", Need.experiment(Right.MANAGE), this::experiment);
        family(
                calls,
                "registered-models",
                "registered_model_permission",
                Need.model(Right.MANAGE),
                asked -> Thing.model(asked.asker().project(), asked.fields().required("name")));
    }

    private Thing experiment(Call.Asked asked) {
        long id = asked.fields().requiredExperimentId("experiment_id");
        return Thing.experiment(
                owners.experiment(id)
                        .orElseThrow(() -> PerennialException.notFound("No Experiment with id=" + id + " exists"))
                        .project(),
                id);
    }

    private void family(Calls calls, String of, String member, Need need, Function<Call.Asked, Thing> thing) {
        String path = " 2.0 " + of + "/permissions/";
        calls.on("POST" + path + "create", need, asked -> {
            ObjectNode node = Json.object();
            node.set(
                    member,
                    UserCalls.permission(grants().create(
                                    UserCalls.required(on, asked), thing.apply(asked), user(asked), right(asked))));
            return node;
        });
        calls.on("GET" + path + "get", need, asked -> {
            ObjectNode node = Json.object();
            node.set(member, UserCalls.permission(grants().get(thing.apply(asked), user(asked))));
            return node;
        });
        calls.on("PATCH" + path + "update", need, asked -> {
            grants().update(UserCalls.required(on, asked), thing.apply(asked), user(asked), right(asked));
            return Json.object();
        });
        calls.on("DELETE" + path + "delete", need, asked -> {
            grants().delete(UserCalls.required(on, asked), thing.apply(asked), user(asked));
            return Json.object();
        });
    }

    private Grants grants() {
        return governance.grants();
    }

    private static String user(Call.Asked asked) {
        return asked.fields().required("username");
    }

    private static Right right(Call.Asked asked) {
        return Grants.permission(asked.fields().required("permission"));
    }
}
