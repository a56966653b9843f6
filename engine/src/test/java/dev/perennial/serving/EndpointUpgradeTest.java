package dev.perennial.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ModelId;
import dev.perennial.store.Store;
import dev.perennial.testing.FreshSqlite;
import dev.perennial.testkit.SeededIds;
import dev.perennial.testkit.TestClock;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A data directory in which an endpoint was the model of a lifecycle file opens, and serves what it served. */
class EndpointUpgradeTest {
    private static final ModelId PARCELS = ModelId.parse("parcels");
    private static final String A = Digest.of("a").hex();
    private static final List<String> BEFORE = List.of(
            "drop table endpoint",
            "drop table endpoint_variant",
            "create table endpoint (model text not null primary key, key_columns text not null, salt text not null,"
                    + " clock_until integer, fuse text not null) strict",
            "create table variant (model text not null, number integer not null, role text not null, weight integer not"
                    + " null, manifest text not null, file text not null, primary key (model, number)) strict",
            "alter table endpoint add column keep_warm integer",
            "alter table variant add column warm_since integer",
            "alter table endpoint add column rollout text",
            "insert into endpoint values ('parcels', '[\"id\"]', 'salty', null,"
                    + " '{\"errors\":5,\"share\":0.1,\"rows\":100}', 1000, 'r7')",
            "insert into endpoint values ('parcels@spring', '[\"id\"]', 's2', 99,"
                    + " '{\"errors\":5,\"share\":0.1,\"rows\":100}', null, null)",
            "insert into variant values ('parcels', 9, 'warm', 0, '" + A + "', '" + A + "', 12)",
            "insert into variant values ('parcels', 10, 'champion', 9000, '" + A + "', '" + A + "', null)",
            "insert into variant values ('parcels', 11, 'canary', 1000, '" + A + "', '" + A + "', null)");

    @TempDir
    Path folder;

    /** What the migrations since say of these tables. */
    private static final List<String> SINCE = List.of("V150__endpoints", "V153__fused", "V154__endpoint_halves");

    private static List<String> migration(String name) throws IOException {
        try (InputStream script = Endpoints.class.getResourceAsStream("/db/migration/" + name + ".sql")) {
            String text = new String(Objects.requireNonNull(script).readAllBytes(), StandardCharsets.UTF_8)
                    .replace("${strict}", " strict")
                    .replace("${int}", "integer");
            return Arrays.stream(text.split(";\n"))
                    .filter(statement -> !statement.isBlank())
                    .toList();
        }
    }

    @Test
    void endpointsAndVariantsAreServedAsBefore() throws IOException {
        TestClock clock = TestClock.fixed();
        try (Store store = Store.open(
                FreshSqlite.under(folder.resolve("data")), clock, SeededIds.of(1, clock), new SecureRandom())) {
            List<String> forth = new ArrayList<>();
            for (String name : SINCE) {
                forth.addAll(migration(name));
            }
            store.database().writing(tx -> {
                BEFORE.forEach(statement -> tx.sql().execute(statement));
                forth.forEach(statement -> tx.sql().execute(statement));
            });
            Endpoints endpoints = new Endpoints(store.database());
            ScorerConfig.Endpoint served = endpoints.config().endpoints().getFirst();
            assertThat(served.name()).isEqualTo("parcels");
            assertThat(served.salt()).isEqualTo("salty");
            assertThat(served.rollout()).isEqualTo("r7");
            assertThat(served.halves()).as("nobody asked for it").isFalse();
            assertThat(served.mode()).isEqualTo(EndpointSettings.Mode.strict);
            assertThat(served.variants())
                    .extracting(variant -> variant.version() + " " + variant.role() + " " + variant.weight())
                    .containsExactly("parcels/9 warm 0", "parcels/10 champion 9000", "parcels/11 canary 1000");
            assertThat(endpoints.get(PARCELS).origin()).isEqualTo(ServedEndpoint.Origin.lifecycle);
            assertThat(endpoints.clock(ModelId.parse("parcels@spring"))).isEqualTo(99);
            store.database().writing(tx -> endpoints.cool(tx, 1_012));
            assertThat(endpoints.variants(PARCELS))
                    .as("what was warm since 12 has been so for its 1,000 ms")
                    .extracting(variant -> variant.version().number())
                    .containsExactly(10, 11);
        }
    }
}
