package dev.perennial.server.access;

import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The routes of the product's own API. Keeps a server from starting that has one without a declared right. */
@ApplicationScoped
public class RouteCheck implements RouteSource {
    private static final Pattern VARIABLE = Pattern.compile("\\{\\w+}");

    private final BeanManager beans;

    @Inject
    public RouteCheck(BeanManager beans) {
        this.beans = beans;
    }

    void check(@Observes StartupEvent event) {
        List<Class<?>> resources = resources();
        if (resources.isEmpty()) {
            throw new IllegalStateException("no routes were found to check");
        }
        DeclaredNeeds.check(resources);
    }

    List<Class<?>> resources() {
        return beans.getBeans(Object.class, Any.Literal.INSTANCE).stream()
                .<Class<?>>map(bean -> bean.getBeanClass())
                .filter(DeclaredNeeds::isResource)
                .distinct()
                .toList();
    }

    /** What can be done at a path, in the order of the alphabet; empty for one that is not there. */
    public SortedSet<String> methods(String path) {
        SortedSet<String> methods = new TreeSet<>();
        routes().stream()
                .filter(route -> path.matches(VARIABLE.matcher(route.path()).replaceAll("[^/]+")))
                .forEach(route -> methods.add(route.method()));
        return methods;
    }

    @Override
    public List<DeclaredRoute> routes() {
        List<DeclaredRoute> all = new ArrayList<>();
        resources().forEach(resource -> all.addAll(DeclaredNeeds.declared(resource)));
        return all;
    }
}
