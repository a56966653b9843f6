package dev.perennial.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** One row over REST with log, metrics, split and token, and in long rounds without the token too, beside a bare echo of the same requests. */
final class RowDuel {
    private static final double ECHOES_MAX = 3;
    private static final double MICROS_GOAL = 25;

    private final ServingSetting setting;

    /** @param form of a request */
    private record Route(String path, Function<ServingRequests, ServingRequests.Request> form) {
        Function<ServingRequests, ServingRequests.Request> shown() {
            return form.andThen(request -> request.with(BenchScorer.TOKEN));
        }
    }

    RowDuel(ServingSetting setting) {
        this.setting = setting;
    }

    void run() throws IOException, InterruptedException {
        Path folder = setting.folder("row");
        String records = "/endpoints/" + ServingSetting.MODEL + "/predict";
        String infer = "/v2/models/" + ServingSetting.MODEL + "/infer";
        String invocations = "/serving/" + ServingSetting.MODEL + "/invocations";
        ServingRequests row = setting.rows().getFirst();
        Map<String, Route> routes = new LinkedHashMap<>();
        routes.put("records", new Route(records, ServingRequests::records));
        routes.put("/v2", new Route(infer, ServingRequests::columns));
        routes.put("/invocations", new Route(invocations, ServingRequests::split));
        try (BenchScorer scorer = new BenchScorer(folder.resolve("scorer"), List.of(setting.split()));
                BenchScorer guarded = new BenchScorer(folder.resolve("guarded"), List.of(setting.split()), true);
                MeasuredServer echo = setting.echo()) {
            Map<String, ServingSetting.Round> sides = new LinkedHashMap<>();
            for (Map.Entry<String, Route> each : routes.entrySet()) {
                String name = each.getKey();
                Route route = each.getValue();
                scorer.check(route.path(), route.form().apply(row));
                guarded.check(route.path(), route.form().apply(row));
                Path script = setting.script(folder, "plain" + sides.size(), route.path(), route.form());
                Path shown = setting.script(
                        folder,
                        "token" + sides.size(),
                        route.path(),
                        each.getValue().shown());
                sides.put("echo of " + name, seconds -> echo.load(shown, route.path(), seconds));
                if (!setting.brief()) {
                    sides.put(name, seconds -> scorer.server().load(script, route.path(), seconds));
                }
                sides.put(name + ", token", seconds -> guarded.server().load(shown, route.path(), seconds));
            }
            Loads best = setting.inTurn(sides);
            best.print("one row of 21 numbers over REST; log, metrics, 10 % canary with pairs, token where it says so");
            for (String route : routes.keySet()) {
                double bare = best.of("echo of " + route).microsARequest();
                double ours = best.of(route + ", token").microsARequest();
                Figure.of(
                                "one row by " + route + ", log, metrics, split, token",
                                "us of CPU",
                                ours,
                                "bare echo",
                                bare,
                                "<= 3x, goal 25 us",
                                ours <= ECHOES_MAX * bare && ours <= MICROS_GOAL)
                        .tell();
            }
        }
    }
}
