package dev.perennial.scoring.admission;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scoring.ModelFailure;
import dev.perennial.scoring.ModelLoader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A look at a model in this process, on a thread of its own: this one watches memory and time meanwhile. What takes too much is refused; a
 * thread that does not come back ends with the worker, which lives for one run.
 */
final class OwnLook {
    private static final long LOOK_MILLIS = 50;

    private final AdmissionPolicy policy;
    private final FutureTask<AdmissionEvidence> look;
    private final long residentBefore = residentBytes();

    private OwnLook(AdmissionPolicy policy, FutureTask<AdmissionEvidence> look) {
        this.policy = policy;
        this.look = look;
    }

    /** @return the verdict, with the limits that were in force */
    static AdmissionEvidence of(ModelLoader loader, Path manifest, Path model)
            throws IOException, InterruptedException {
        return of(AdmissionPolicy.standard(Files.size(model)), () -> found(loader, manifest, model));
    }

    /** What is done under the limits. */
    interface Looking {
        AdmissionEvidence look() throws IOException;
    }

    static AdmissionEvidence of(AdmissionPolicy policy, Looking looking) throws IOException, InterruptedException {
        try (OwnLimits limits = OwnLimits.set(policy)) {
            OwnLook own = new OwnLook(policy, new FutureTask<>(() -> unfailing(looking)));
            AdmissionEvidence found = own.run();
            ObjectNode evidence = found.evidence() instanceof ObjectNode object ? object : Json.object();
            ObjectNode bounds = evidence.putObject("limits");
            bounds.put("where", "the worker of the run, whose own trainer made the file");
            bounds.set("applied", Json.tree(limits.applied()));
            bounds.withArray("applied")
                    .add("watchdog: " + policy.residentBytes() + " resident bytes more than before, every "
                            + LOOK_MILLIS + " ms")
                    .add("wall: " + policy.wall().toMillis() + " ms");
            bounds.set("missing", Json.tree(limits.missing()));
            return new AdmissionEvidence(found.verdict(), found.reason(), evidence);
        }
    }

    private static AdmissionEvidence found(ModelLoader loader, Path manifest, Path model) throws IOException {
        ObjectNode evidence = Json.object();
        try {
            Admission.look(loader, manifest, model, null, evidence);
            return new AdmissionEvidence(AdmissionEvidence.ADMITTED, "", evidence);
        } catch (PerennialException | ModelFailure e) {
            return new AdmissionEvidence(AdmissionEvidence.REFUSED, String.valueOf(e.getMessage()), evidence);
        }
    }

    private static AdmissionEvidence unfailing(Looking looking) throws IOException {
        try {
            return looking.look();
        } catch (OutOfMemoryError | StackOverflowError e) {
            return refused("it needs more memory than a model may take: " + e);
        }
    }

    private AdmissionEvidence run() throws IOException, InterruptedException {
        Thread.ofPlatform().daemon().name("admission").start(look);
        long deadline = System.nanoTime() + policy.wall().toNanos();
        while (true) {
            try {
                return look.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                String why = tooMuch(deadline);
                if (!why.isEmpty()) {
                    look.cancel(true);
                    return refused(why);
                }
            } catch (ExecutionException e) {
                switch (e.getCause()) {
                    case IOException read -> throw read;
                    case UncheckedIOException read -> throw read;
                    case null, default -> throw PerennialException.internal("the look at a model failed: " + e, e);
                }
            }
        }
    }

    /** Why it is ended now; empty when it is not. */
    private String tooMuch(long deadline) {
        if (System.nanoTime() - deadline > 0) {
            return "it was not ready within " + policy.wall().toMillis() + " ms";
        }
        return residentBytes() - residentBefore > policy.residentBytes()
                ? "it takes more than " + policy.residentBytes() + " bytes of memory"
                : "";
    }

    private static long residentBytes() {
        return AdmissionProcess.residentBytes(ProcessHandle.current().pid());
    }

    private static AdmissionEvidence refused(String why) {
        return new AdmissionEvidence(AdmissionEvidence.REFUSED, why, Json.object());
    }
}
