package dev.perennial.lifecycle.file;

import dev.perennial.kernel.PerennialException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What applying a file would change, told object by object and field by field. Pure. */
public final class LifecyclePlan {
    private LifecyclePlan() {}

    /** What happens to an object. */
    public enum Action {
        create,
        update,
        none,
        delete
    }

    /**
     * @param object {@code model}, {@code source flights}, {@code features}, ...
     * @param field path below the object; empty for the whole object
     * @param before null when it is new
     * @param after null when it is gone
     * @param why what the change means for a model that lives already
     */
    public record Change(
            String object,
            Action action,
            String field,
            @Nullable String before,
            @Nullable String after,
            String why) {}

    /** Parts of the file by the name that people know, with what a change of it means. */
    private enum Part {
        model("what people read; time-zone moves the borders of days, for everything computed from now on"),
        source("the next snapshot reads it so; snapshots that exist stay as they are"),
        predict("the next candidate predicts it; the champion keeps answering what it was trained for"),
        contract("checked from the next validation on"),
        features("the next candidate is trained with it; the champion keeps its own features"),
        train("the next candidate is trained so; versions that exist stay as they are"),
        gates("judges the next candidate; an evaluation under way keeps the thresholds that it began with"),
        rollout("holds for the next rollout; one under way keeps its steps"),
        monitor("watched so from the next closed day on"),
        retrain("decides from the next due time on");

        private final String why;

        Part(String why) {
            this.why = why;
        }
    }

    private record PartObject(String name, Part part, Object tree) {}

    /**
     * The changes from the applied file to a new one, at least one for every object; {@code none} where an object stays.
     *
     * @throws PerennialException when the two files are about different models
     */
    public static List<Change> changes(Optional<LifecycleFile> before, LifecycleFile after) {
        before.filter(applied -> !applied.model().equals(after.model())).ifPresent(applied -> {
            throw PerennialException.invalid(
                    "model",
                    "cannot compare model '" + applied.model() + "' with '" + after.model()
                            + "'; apply it as a model of its own");
        });
        Map<String, PartObject> old = before.map(LifecyclePlan::objects).orElse(Map.of());
        Map<String, PartObject> now = objects(after);
        Set<String> names = new LinkedHashSet<>(now.keySet());
        names.addAll(new TreeSet<>(old.keySet()));
        List<Change> changes = new ArrayList<>();
        for (String name : names) {
            PartObject was = old.get(name);
            PartObject is = now.get(name);
            if (was == null && is != null) {
                String why = before.isEmpty() ? "model '" + after.model() + "' is new" : is.part().why;
                changes.add(new Change(name, Action.create, "", null, LifecycleText.flow(is.tree()), why));
            } else if (is == null && was != null) {
                changes.add(new Change(name, Action.delete, "", LifecycleText.flow(was.tree()), null, was.part().why));
            } else if (is != null && was != null) {
                changes.addAll(updates(name, is.part(), was.tree(), is.tree()));
            }
        }
        return changes;
    }

    /** Whether anything would change. */
    public static boolean differs(List<Change> changes) {
        return changes.stream().anyMatch(change -> change.action() != Action.none);
    }

    private static List<Change> updates(String name, Part part, Object was, Object is) {
        List<Change> changes = new ArrayList<>();
        compare(name, part, "", was, is, changes);
        return changes.isEmpty() ? List.of(new Change(name, Action.none, "", null, null, "as applied")) : changes;
    }

    private static void compare(
            String name, Part part, String path, @Nullable Object was, @Nullable Object is, List<Change> changes) {
        if (was instanceof Map<?, ?> old && is instanceof Map<?, ?> now) {
            Set<Object> keys = new LinkedHashSet<>(now.keySet());
            keys.addAll(old.keySet());
            for (Object key : keys) {
                compare(
                        name,
                        part,
                        path.isEmpty() ? key.toString() : path + "." + key,
                        old.get(key),
                        now.get(key),
                        changes);
            }
        } else if (!Objects.equals(was, is)) {
            changes.add(new Change(
                    name, Action.update, path, was == null ? null : told(was), is == null ? null : told(is), part.why));
        }
    }

    private static String told(Object value) {
        return value instanceof String text ? text : LifecycleText.flow(value);
    }

    private static Map<String, PartObject> objects(LifecycleFile file) {
        Map<String, Object> tree = FileTree.keyed(file);
        Map<String, PartObject> objects = new LinkedHashMap<>();
        Map<String, Object> model = new LinkedHashMap<>();
        for (String key : List.of("title", "owner", "risk", "time-zone")) {
            model.put(key, tree.get(key));
        }
        add(objects, "model", Part.model, model);
        if (tree.get("sources") instanceof Map<?, ?> sources) {
            sources.forEach((name, source) -> add(objects, "source " + name, Part.source, source));
        }
        for (Part part : Part.values()) {
            Object value = tree.get(part.name());
            if (part != Part.model && value != null) {
                add(objects, part.name(), part, value);
            }
        }
        return objects;
    }

    private static void add(Map<String, PartObject> objects, String name, Part part, Object tree) {
        objects.put(name, new PartObject(name, part, tree));
    }
}
