package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.client.ClientException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Puts a version of the registry behind an endpoint. */
@Command(
        name = "deploy",
        mixinStandardHelpOptions = true,
        description =
                "Looks at a version of a registered model and puts it behind an endpoint, which is made when it is not"
                        + " there. The first version answers all calls; another one gets copies of them until it is promoted.",
        footer = {
            "",
            "Examples:",
            "  perennial deploy models:/iris/3 --endpoint churn --reason 'first model'",
            "  perennial deploy models:/iris@best --endpoint churn --share 10%% --reason 'try it'",
            "  perennial deploy models:/iris/4 --endpoint churn --now --reason 'the old one is wrong'"
        })
final class DeployCommand extends CliCommand {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final long SECONDS_MAX = 3_600;

    @Parameters(paramLabel = "VERSION", description = "models:/NAME/3, models:/NAME@ALIAS, NAME/3 or NAME@ALIAS.")
    private String version = "";

    @Option(names = "--endpoint", paramLabel = "NAME", required = true, description = "Where it is to answer.")
    private String endpoint = "";

    @Option(names = "--reason", paramLabel = "TEXT", required = true, description = "Why; it is recorded.")
    private String reason = "";

    @Option(names = "--now", description = "It replaces the champion at once, which stays warm for a rollback.")
    private boolean now;

    @Option(names = "--share", paramLabel = "PERCENT", description = "It gets this share of the callers.")
    @Nullable
    private String share;

    @Option(names = "--on-demand", description = "Scorers load it with the first call.")
    private boolean demand;

    @Option(names = "--python-minor", description = "Another patch release of the Python that it names will do.")
    private boolean minor;

    @Option(
            names = "--resources",
            paramLabel = "NAME=N",
            split = ",",
            description =
                    "What it may use of each scorer's machine: threads, instances, and memoryBytes of a Python model.")
    private Map<String, Long> resources = Map.of();

    @Option(names = "--no-wait", description = "Returns when the deployment has begun.")
    private boolean noWait;

    @Option(
            names = "--wait-seconds",
            paramLabel = "N",
            description = "How long to wait for its end (default: ${DEFAULT-VALUE}).")
    private long seconds = 600;

    @Override
    Integer execute() {
        if (now && share != null) {
            throw new CommandFailure(ExitCode.USAGE, "'--now' gives it all callers; leave '--share' out");
        }
        ObjectNode body =
                new ObjectMapper().createObjectNode().put("version", version).put("reason", reason);
        if (now) {
            body.put("now", true);
        }
        if (share != null) {
            body.put("weight", TrafficCommands.basisPoints(share));
        }
        if (demand) {
            body.put("load", "demand");
        }
        if (minor) {
            body.put("minor", true);
        }
        if (!resources.isEmpty()) {
            resources.forEach(body.putObject("resources")::put);
        }
        JsonNode deployment = client().onEndpoint(endpoint, "deploy", body);
        if (!noWait) {
            deployment = end(deployment);
        }
        return told(deployment);
    }

    /** Asks until it has ended, or until the patience has. */
    private JsonNode end(JsonNode started) {
        String id = started.path("id").asText();
        long polls = Math.clamp(seconds, 0, SECONDS_MAX) * 1_000 / POLL.toMillis();
        JsonNode latest = started;
        for (long i = 0; i < polls && latest.path("state").asText().equals("RUNNING"); i++) {
            pause();
            for (JsonNode one : client().endpoint(endpoint).path("deployments")) {
                if (one.path("id").asText().equals(id)) {
                    latest = one;
                }
            }
        }
        return latest;
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(ExitCode.ERROR, "interrupted; the deployment goes on", e);
        }
    }

    /** Scorers that do not serve it. */
    private void tooOld(String what) {
        try {
            Unserved.without(client().status(), what).forEach(terminal()::line);
        } catch (ClientException e) {
            return; // it is deployed; what scorers say is more than was asked for
        }
    }

    private Integer told(JsonNode deployment) {
        String state = deployment.path("state").asText();
        boolean well = state.equals("DEPLOYED") || state.equals("RUNNING");
        if (json()) {
            terminal().json(deployment);
            return well ? ExitCode.OK : ExitCode.ERROR;
        }
        String what = deployment.path("version").asText();
        String run = deployment.path("run").asText();
        if (state.equals("RUNNING")) {
            terminal()
                    .line("Run " + run + " looks at " + what + "; 'perennial endpoints show " + endpoint
                            + "' tells its end.");
        } else if (state.equals("DEPLOYED")) {
            String role = deployment.path("role").asText();
            terminal().line(what + " is the " + role + " of endpoint " + endpoint + ".");
            if (role.equals("shadow")) {
                terminal()
                        .line("It scores copies of calls. 'perennial weights " + endpoint + " "
                                + TrafficCommands.word(what + "=10%") + "' gives it callers, 'perennial promote "
                                + endpoint + "' all of them.");
            }
            tooOld(what);
        } else {
            throw new CommandFailure(
                    ExitCode.ERROR,
                    what + " was not deployed (" + state + ", run " + run + "): "
                            + deployment.path("message").asText());
        }
        return ExitCode.OK;
    }
}
