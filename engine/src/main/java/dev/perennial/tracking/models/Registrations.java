package dev.perennial.tracking.models;

import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/** Tells which registered versions were made from logged models; answered by whoever keeps versions. */
@FunctionalInterface
public interface Registrations {
    /**
     * The versions of each model, by name and number; models without any may be absent.
     *
     * @param models ids of logged models
     */
    Map<String, List<Registration>> of(Handle sql, List<String> models);
}
