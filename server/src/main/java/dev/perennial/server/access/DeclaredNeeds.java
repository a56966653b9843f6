package dev.perennial.server.access;

import dev.perennial.server.Internal;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads what routes declare, and finds those that declare nothing. */
public final class DeclaredNeeds {
    private static final Pattern PATTERN = Pattern.compile("\\{(\\w+):([^}]*)}");

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
                declared.add(declared(resource, method));
            }
        }
        return declared;
    }

    /** What one route declares. */
    static DeclaredRoute declared(Class<?> resource, Method method) {
        Needs needs = of(method);
        return new DeclaredRoute(
                verb(method),
                PATTERN.matcher(path(resource, method)).replaceAll("{$1}"),
                needs.value(),
                needs.on().name());
    }

    /** What the variables of a path may be, for those that may not be anything. */
    static Map<String, String> patterns(Class<?> resource, Method method) {
        Map<String, String> patterns = new HashMap<>();
        Matcher variables = PATTERN.matcher(path(resource, method));
        while (variables.find()) {
            patterns.put(variables.group(1), variables.group(2).strip());
        }
        return patterns;
    }

    private static String path(Class<?> resource, Method method) {
        return resource.getAnnotation(Path.class).value()
                + (method.isAnnotationPresent(Path.class)
                        ? method.getAnnotation(Path.class).value()
                        : "");
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
