package dev.perennial.server.access;

import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.spi.BeanManager;
import java.util.List;

/** Keeps a server from starting that has a route without a declared right. */
final class RouteCheck {
    void check(@Observes StartupEvent event, BeanManager beans) {
        List<Class<?>> resources = beans.getBeans(Object.class, Any.Literal.INSTANCE).stream()
                .<Class<?>>map(bean -> bean.getBeanClass())
                .filter(DeclaredNeeds::isResource)
                .distinct()
                .toList();
        if (resources.isEmpty()) {
            throw new IllegalStateException("no routes were found to check");
        }
        DeclaredNeeds.check(resources);
    }
}
