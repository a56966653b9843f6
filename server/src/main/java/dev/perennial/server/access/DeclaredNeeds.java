package dev.perennial.server.access;

import dev.perennial.server.Internal;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

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

    /** What the routes of a class declare; those for the installation's own processes are left out. */
    static List<DeclaredRoute> declared(Class<?> resource) {
        List<DeclaredRoute> declared = new ArrayList<>();
        for (Method method : routes(resource)) {
            if (!internal(method)) {
                Needs needs = of(method);
                String path = resource.getAnnotation(Path.class).value()
                        + (method.isAnnotationPresent(Path.class)
                                ? method.getAnnotation(Path.class).value()
                                : "");
                declared.add(new DeclaredRoute(
                        verb(method),
                        path.replaceAll("\\{(\\w+):[^}]*}", "{$1}"),
                        needs.value(),
                        needs.on().name()));
            }
        }
        return declared;
    }

    private static String verb(Method method) {
        return Arrays.stream(method.getAnnotations())
                .map(note -> note.annotationType().getAnnotation(HttpMethod.class))
                .filter(Objects::nonNull)
                .map(HttpMethod::value)
                .findFirst()
                .orElseThrow();
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
