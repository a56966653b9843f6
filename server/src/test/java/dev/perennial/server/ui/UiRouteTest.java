package dev.perennial.server.ui;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.server.ui.UiFiles.Encoding;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class UiRouteTest {
    @Test
    void pathsOfAnApiAreLeftAlone() {
        assertThat(UiRoute.api("/api/models")).isTrue();
        assertThat(UiRoute.api("/api")).isTrue();
        assertThat(UiRoute.api("/ajax-api/2.0/mlflow/runs/search")).isTrue();
        assertThat(UiRoute.api("/v2/models/m/infer")).isTrue();
        assertThat(UiRoute.api("/internal/worker")).isTrue();
        assertThat(UiRoute.api("/models/api")).isFalse();
        assertThat(UiRoute.api("/endpoints/churn")).isFalse();
        assertThat(UiRoute.api("/apiary")).isFalse();
        assertThat(UiRoute.api("/")).isFalse();
    }

    @Test
    void theBasePathHasASlashAtBothEnds() {
        assertThat(UiRoute.base(Optional.empty())).isEqualTo("/");
        assertThat(UiRoute.base(Optional.of("/"))).isEqualTo("/");
        assertThat(UiRoute.base(Optional.of("ml/perennial"))).isEqualTo("/ml/perennial/");
        assertThat(UiRoute.base(Optional.of("//ml/"))).isEqualTo("/ml/");
    }

    @Test
    void aBasePathThatCouldBreakOutOfThePageIsRefused() {
        assertThatThrownBy(() -> UiRoute.base(Optional.of("/\"><script>")))
                .hasMessageContaining("perennial.base-path")
                .hasMessageContaining("<script>");
    }

    @Test
    void theSmallestCopyThatTheCallerTakesIsSent() {
        assertThat(UiRoute.encoding("gzip, deflate, br, zstd")).isEqualTo(Encoding.BR);
        assertThat(UiRoute.encoding("gzip")).isEqualTo(Encoding.GZIP);
        assertThat(UiRoute.encoding("br;q=0, gzip;q=0.5")).isEqualTo(Encoding.GZIP);
        assertThat(UiRoute.encoding("identity")).isEqualTo(Encoding.IDENTITY);
        assertThat(UiRoute.encoding(null)).isEqualTo(Encoding.IDENTITY);
    }

    @Test
    void onlyListedFilesCanBeAskedFor() {
        UiFiles files = new UiFiles(holding(Map.of(
                "ui/files.tsv",
                "index.html\ttext/html\tplain\t1\nassets/a.js\ttext/javascript\tpacked\t2\n",
                "ui/index.html",
                "<base href=\"/\" />",
                "ui/assets/a.js",
                "a",
                "ui/assets/a.js.br",
                "b",
                "ui/secret",
                "s")));
        assertThat(files.built()).isTrue();
        assertThat(files.find("assets/a.js")).hasValueSatisfying(file -> {
            assertThat(file.immutable()).isTrue();
            assertThat(files.body(file, Encoding.BR))
                    .asString(StandardCharsets.UTF_8)
                    .isEqualTo("b");
        });
        assertThat(files.find("secret")).isEmpty();
        assertThat(files.find("assets/../secret")).isEmpty();
        assertThat(files.find("index.html")).isEmpty();
    }

    @Test
    void aBuildWithoutTheInterfaceSaysSo() {
        assertThat(new UiFiles(holding(Map.of())).built()).isFalse();
        assertThat(UiAbsent.PAGE)
                .contains("without its interface")
                .contains("./perennial server")
                .contains("nonce=\"__NONCE__\"");
    }

    private static ClassLoader holding(Map<String, String> resources) {
        return new ClassLoader(null) {
            @Override
            public URL getResource(String name) {
                try {
                    return resources.containsKey(name)
                            ? URI.create("file:/" + name).toURL()
                            : null;
                } catch (MalformedURLException e) {
                    throw new IllegalStateException(e);
                }
            }

            @Override
            public InputStream getResourceAsStream(String name) {
                String text = resources.get(name);
                return text == null ? null : new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
            }
        };
    }
}
