package dev.perennial.worker.training;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scoring.python.PythonEnvironments;
import dev.perennial.scoring.python.PythonVersion;
import dev.perennial.worker.StepFailure;
import dev.perennial.worker.StepHandler;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Prepares the environment of a Python model unless it is there. Parameters: {@code python} (such as 3.11.7), {@code minor} (whether
 * another release of 3.11 will do), {@code requirements}; {@code pythonDirs} and {@code timeoutSeconds} where wanted. Values: {@code
 * environment} (its digest), {@code python}, {@code pip}, {@code built}, {@code bytes}.
 */
public final class EnvironmentStep implements StepHandler {
    private static final int SECONDS = 900;
    private static final int SECONDS_MAX = 7_200;

    private final PythonEnvironments environments;

    /** @param environments folder of the installation's environments */
    public EnvironmentStep(Path environments) {
        this.environments = new PythonEnvironments(environments);
    }

    @Override
    public String kind() {
        return "environment";
    }

    @Override
    public StepOutput run(StepInput input) throws IOException, InterruptedException {
        input.progress().report(0, "preparing the environment");
        try {
            PythonEnvironments.Prepared prepared = environments.prepare(request(input.parameters()));
            return new StepOutput(
                    Map.of(
                            "environment", Json.tree(prepared.digest().hex()),
                            "python", Json.tree(prepared.python()),
                            "pip", Json.tree(prepared.pip()),
                            "built", Json.tree(prepared.built()),
                            "bytes", Json.tree(prepared.bytes())),
                    Map.of());
        } catch (PerennialException e) {
            throw new StepFailure(kind(e.code()), String.valueOf(e.getMessage()));
        }
    }

    private static StepFailure.Kind kind(ErrorCode code) {
        return switch (code) {
            case INVALID_ARGUMENT -> StepFailure.Kind.CONFIG;
            case UNAVAILABLE -> StepFailure.Kind.INFRA;
            default -> StepFailure.Kind.USER;
        };
    }

    private static PythonEnvironments.Request request(JsonNode parameters) {
        int seconds = parameters.path("timeoutSeconds").asInt(SECONDS);
        if (seconds < 1 || seconds > SECONDS_MAX) {
            throw PerennialException.invalid(
                    "timeoutSeconds", "'timeoutSeconds' " + seconds + " must be from 1 to " + SECONDS_MAX);
        }
        return new PythonEnvironments.Request(
                PythonVersion.parse(parameters.path("python").asText()),
                parameters.path("minor").asBoolean(false),
                texts(parameters, "requirements"),
                texts(parameters, "pythonDirs"),
                Duration.ofSeconds(seconds));
    }

    private static List<String> texts(JsonNode parameters, String name) {
        List<String> texts = new ArrayList<>();
        for (JsonNode text : parameters.path(name)) {
            if (!text.isTextual()) {
                throw PerennialException.invalid(name, "'" + name + "' must be a list of texts, it holds " + text);
            }
            texts.add(text.textValue());
        }
        return texts;
    }
}
