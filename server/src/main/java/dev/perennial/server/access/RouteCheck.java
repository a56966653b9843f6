package dev.perennial.server.access;

import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;

/** The routes of the product's own API. Keeps a server from starting that has one without a declared right. */
@ApplicationScoped
public class RouteCheck implements RouteSource {
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

    private List<Class<?>> resources() {
        return beans.getBeans(Object.class, Any.Literal.INSTANCE).stream()
                .<Class<?>>map(bean -> bean.getBeanClass())
                .filter(DeclaredNeeds::isResource)
                .distinct()
                .toList();
    }

    @Override
    public List<DeclaredRoute> routes() {
        List<DeclaredRoute> all = new ArrayList<>();
        resources().forEach(resource -> all.addAll(DeclaredNeeds.declared(resource)));
        return all;
    }
}
