package dev.perennial.server.access;

import dev.perennial.server.Internal;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads what routes declare, and finds those that declare nothing. */
public final class DeclaredNeeds {
    private DeclaredNeeds() {}

    static boolean internal(Method method) {
        return method.isAnnotationPresent(Internal.class)
                || method.getDeclaringClass().isAnnotationPresent(Internal.class);
    }

    static Needs of(Method method) {
        Needs needs = method.getAnnotation(Needs.class);
        if (needs == null) {
            throw new IllegalStateException(undeclared(method));
        }
        return needs;
    }

    /** Fails for a class of routes of which one declares no right. */
    public static void check(List<Class<?>> resources) {
        List<String> wrong = new ArrayList<>();
        for (Class<?> resource : resources) {
            routes(resource).stream()
                    .filter(method -> !internal(method) && !method.isAnnotationPresent(Needs.class))
                    .forEach(method -> wrong.add(undeclared(method)));
        }
        if (!wrong.isEmpty()) {
            throw new IllegalStateException(String.join("; ", wrong));
        }
    }

    /** The methods of a class that answer requests. */
    static List<Method> routes(Class<?> resource) {
        return Arrays.stream(resource.getDeclaredMethods())
                .filter(method -> Arrays.stream(method.getAnnotations())
                        .anyMatch(note -> note.annotationType().isAnnotationPresent(HttpMethod.class)))
                .toList();
    }

    private static String undeclared(Method method) {
        return "the route " + method.getDeclaringClass().getSimpleName() + "." + method.getName()
                + " declares no right: add @Needs";
    }

    /** Whether a class has routes. */
    public static boolean isResource(Class<?> type) {
        return type.isAnnotationPresent(Path.class);
    }
}
