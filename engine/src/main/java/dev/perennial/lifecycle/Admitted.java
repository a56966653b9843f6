package dev.perennial.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.kernel.VersionId;
import dev.perennial.registry.Registry;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Whether a version may serve: its admission was not refused. A version older than admissions is admitted by its service. */
final class Admitted {
    /** Kind of evidence: verdict, reason and what was measured. */
    static final String EVIDENCE = "admission";

    private static final String REFUSED = "REFUSED";

    private Admitted() {}

    /** @throws PerennialException when the version was refused, with the reason */
    static void check(Registry registry, Handle sql, VersionId id) {
        Optional<JsonNode> admission = registry.evidence(sql, id, EVIDENCE);
        if (admission.isPresent() && admission.get().path("verdict").asText().equals(REFUSED)) {
            throw PerennialException.state("version " + id.number() + " of '" + id.model()
                    + "' may not serve; its admission was refused: "
                    + admission.get().path("reason").asText());
        }
    }
}
