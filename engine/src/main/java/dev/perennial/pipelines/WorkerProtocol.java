package dev.perennial.pipelines;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.CrashPoint;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.pipelines.AttemptRows.AttemptRow;
import dev.perennial.pipelines.AttemptRows.End;
import dev.perennial.pipelines.RunRows.RunRow;
import dev.perennial.pipelines.RunRows.StepRow;
import dev.perennial.pipelines.WorkerRows.WorkerRow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * What a worker process may ask of the engine. Every call is safe to repeat: a worker that lost an answer asks again. A call with the
 * token of an attempt that no longer counts fails with {@code CONFLICT}; the worker then ends with exit code 76. Thread-safe.
 */
public final class WorkerProtocol {
    /** Inputs that are files of a model, as {@code candidate.model}. */
    private static final Pattern MODEL_FILE = Pattern.compile("(?:.+\\.)?(?:model|manifest)");

    private final EngineResources resources;
    private final EngineSettings settings;
    private final Transitions transitions;
    private final Specs specs;
    private final Commits commits;
    private final Heartbeats heartbeats;
    private final WorkerLauncher launcher;
    private final Map<String, Long> idleSince = new ConcurrentHashMap<>();

    WorkerProtocol(
            EngineResources resources,
            EngineSettings settings,
            Transitions transitions,
            Specs specs,
            Commits commits,
            Heartbeats heartbeats,
            WorkerLauncher launcher) {
        this.resources = resources;
        this.settings = settings;
        this.transitions = transitions;
        this.specs = specs;
        this.commits = commits;
        this.heartbeats = heartbeats;
        this.launcher = launcher;
    }

    /** The answer to a worker that asks for work. */
    public sealed interface Claim {
        /**
         * A step to run: HTTP 200 with this record as its body.
         *
         * @param inputs absolute paths by name
         * @param staging absolute path of the folder for its output
         */
        record Work(
                String path,
                int attempt,
                String token,
                String kind,
                JsonNode parameters,
                Map<String, String> inputs,
                String staging)
                implements Claim {}

        /** Nothing now, ask again: HTTP 202. */
        record Wait() implements Claim {}

        /** Nothing now and nothing to come: HTTP 204; the worker ends with exit code 0. */
        record Finished() implements Claim {}
    }

    private record Decision(Claim claim, Optional<AttemptRow> attempt, String token) {
        static Decision of(Claim claim) {
            return new Decision(claim, Optional.empty(), "");
        }
    }

    /** Gives the worker its next step. A worker that asks while it holds an attempt has not got the answer: it gets the same again. */
    public Claim claim(RunId run, String worker) {
        if (mustWait(run, worker)) {
            return new Claim.Wait();
        }
        Decision decision = resources.database().write(tx -> {
            WorkerRow row = WorkerRows.worker(tx.sql(), worker)
                    .filter(w -> w.run().equals(run) && w.state().serving())
                    .orElseThrow(() -> fenced("worker " + worker + " has no right to the steps of run " + run));
            String token = resources.ids().nextHex();
            Optional<AttemptRow> held = AttemptRows.ofOwner(tx.sql(), worker);
            if (held.isPresent()) {
                AttemptRows.retoken(tx.sql(), held.get(), token);
                return new Decision(new Claim.Wait(), held, token);
            }
            Optional<StepRow> ready = ready(RunRows.runOf(tx.sql(), run), RunRows.steps(tx.sql(), run));
            if (ready.isEmpty()) {
                WorkerRows.move(
                        tx.sql(),
                        row,
                        WorkerState.LEAVING,
                        0,
                        "",
                        resources.clock().millis());
                return Decision.of(new Claim.Finished());
            }
            WorkerRows.claimed(tx.sql(), row);
            AttemptRow attempt = transitions.claim(tx, ready.get(), worker, token, launcher.logSize(worker));
            return new Decision(new Claim.Wait(), Optional.of(attempt), token);
        });
        idleSince.remove(worker);
        CrashPoint.hit("pipelines.claim.afterCommit");
        return decision.attempt.isEmpty() ? decision.claim : work(decision.attempt.get(), decision.token);
    }

    /** Whether the worker should ask again later: its steps wait for others, and it has not waited for too long. Writes nothing. */
    private boolean mustWait(RunId run, String worker) {
        return resources.database().read(sql -> {
            RunRow row = RunRows.runOf(sql, run);
            List<StepRow> steps = RunRows.steps(sql, run);
            boolean known = WorkerRows.worker(sql, worker)
                    .filter(w -> w.state().serving())
                    .isPresent();
            boolean more = row.state() == RunState.RUNNING
                    && steps.stream()
                            .anyMatch(s -> s.executor() == StepExecutor.WORKER
                                    && !s.state().terminal());
            if (!known
                    || !more
                    || ready(row, steps).isPresent()
                    || AttemptRows.ofOwner(sql, worker).isPresent()) {
                return false;
            }
            long now = resources.clock().millis();
            return now - idleSince.computeIfAbsent(worker, w -> now) < settings.idleWorkerMillis();
        });
    }

    private static Optional<StepRow> ready(RunRow run, List<StepRow> steps) {
        return run.state() != RunState.RUNNING
                ? Optional.empty()
                : steps.stream()
                        .filter(s -> s.executor() == StepExecutor.WORKER && s.state() == StepState.READY)
                        .findFirst();
    }

    private Claim work(AttemptRow attempt, String token) {
        try {
            RunRow run = resources.database().read(sql -> RunRows.runOf(sql, attempt.run()));
            StepInputs inputs = StepInputs.resolve(resources.database(), specs, run, attempt.path());
            Map<String, String> paths = new TreeMap<>();
            inputs.files()
                    .forEach((name, digest) ->
                            paths.put(name, input(name, digest).toAbsolutePath().toString()));
            Path staging = Files.createDirectories(commits.staging(attempt));
            String kind = resources
                    .database()
                    .read(sql ->
                            RunRows.step(sql, attempt.run(), attempt.path()).kind());
            return new Claim.Work(
                    attempt.path(), attempt.no(), token, kind, inputs.parameters(), paths, staging.toString());
        } catch (PerennialException e) {
            FailureClass failure = e.code().retryable() ? FailureClass.INFRA : FailureClass.CONTRACT;
            end(attempt, End.failure(failure, InlineRunner.message(e)));
            return new Claim.Wait();
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot make the staging folder of " + attempt.run() + "/" + attempt.path(), e);
        }
    }

    /** The file of an input. The bytes of models decide what serves, so they are compared with their digest for every step. */
    private Path input(String name, Digest digest) {
        if (MODEL_FILE.matcher(name).matches()) {
            Digest found = resources
                    .blobs()
                    .found(digest)
                    .orElseThrow(() -> PerennialException.state("the file of input '" + name
                            + "' is missing: expected sha256 " + digest + "; bring it back from a backup"));
            if (!found.equals(digest)) {
                throw PerennialException.state("the file of input '" + name + "' has changed: expected sha256 " + digest
                        + ", found sha256 " + found + "; bring it back from a backup");
            }
        }
        return resources.blobs().file(digest);
    }

    /** Tells how far an attempt is. Durable within a few seconds; a lost report does no harm. */
    public void heartbeat(String token, double share, String line) {
        AttemptRow attempt = current(token);
        heartbeats.beat(
                attempt.fence(),
                Math.clamp(share, 0, 1),
                line,
                resources.clock().millis());
    }

    /** The step succeeded: when this returns, its output is durable and visible. */
    public void complete(String token, WorkerResult result) {
        AttemptRow attempt = ofToken(token);
        if (attempt.state() == AttemptState.SUCCEEDED) {
            return; // the answer to an earlier call was lost
        }
        try {
            if (!commits.commit(current(token), result)) {
                throw fenced("attempt " + attempt.no() + " of " + attempt.run() + "/" + attempt.path()
                        + " no longer counts");
            }
        } catch (PerennialException e) {
            if (e.code() != ErrorCode.INVALID_ARGUMENT) {
                throw e;
            }
            end(attempt, End.failure(FailureClass.CONTRACT, InlineRunner.message(e)));
        }
        heartbeats.forget(attempt.fence());
    }

    /** The step failed. */
    public void fail(String token, FailureClass failure, String message) {
        AttemptRow attempt = ofToken(token);
        if (attempt.state() == AttemptState.FAILED) {
            return; // the answer to an earlier call was lost
        }
        if (failure == FailureClass.NONE) {
            throw PerennialException.invalid("class", "a failure needs a class other than NONE");
        }
        end(current(token), End.failure(failure, message));
        heartbeats.forget(attempt.fence());
    }

    private void end(AttemptRow attempt, End end) {
        End logged = new End(end.state(), end.failure(), end.message(), 0, 0, launcher.logSize(attempt.owner()));
        resources
                .database()
                .writing(tx -> AttemptRows.attempt(tx.sql(), attempt.run(), attempt.path(), attempt.no())
                        .filter(now -> now.state() == AttemptState.RUNNING)
                        .ifPresent(now -> transitions.fail(tx, now, logged)));
    }

    private AttemptRow current(String token) {
        AttemptRow attempt = ofToken(token);
        if (attempt.state() != AttemptState.RUNNING) {
            throw fenced("attempt " + attempt.no() + " of " + attempt.run() + "/" + attempt.path() + " is "
                    + attempt.state());
        }
        return attempt;
    }

    private AttemptRow ofToken(String token) {
        return resources
                .database()
                .read(sql -> AttemptRows.ofToken(sql, token))
                .orElseThrow(() -> fenced("no attempt has this token any more"));
    }

    private static PerennialException fenced(String why) {
        return PerennialException.conflict("attempt_fenced: " + why);
    }
}
