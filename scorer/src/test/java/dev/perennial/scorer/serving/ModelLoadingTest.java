package dev.perennial.scorer.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.scorer.Metrics;
import dev.perennial.scorer.Models;
import dev.perennial.scorer.ScorerSettings;
import dev.perennial.scorer.config.ScorerConfig;
import dev.perennial.scorer.config.ScorerConfig.ModelFiles;
import dev.perennial.scoring.Model;
import dev.perennial.scoring.ModelLoader;
import dev.perennial.testkit.OnnxFiles;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Models come from real blobs; one whose manifest is a pipe loads until somebody writes into it. */
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ModelLoadingTest {
    private static final byte[] SLOW =
            "{\"format\":\"identity\",\"inputs\":[{\"name\":\"a\",\"type\":\"FP32\",\"shape\":[1]}],\"outputs\":[{\"name\":\"b\",\"type\":\"FP32\",\"shape\":[1]}]}"
                    .getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path folder;

    private Models models;
    private Router router;

    @BeforeEach
    void start() throws IOException {
        models = new Models(folder.resolve("blobs"));
        ScorerSettings settings = LonelySettings.in(folder);
        router = new Router(settings, new Metrics(), report -> {});
    }

    private static ScorerConfig config(long revision, String... endpoints) {
        return Json.read(
                "{\"revision\":%d,\"flush\":0,\"endpoints\":[%s]}".formatted(revision, String.join(",", endpoints)),
                ScorerConfig.class);
    }

    private static String endpoint(String name, String version, String model) {
        return "{\"name\":\"%s\",\"key\":[\"id\"],\"salt\":\"s\",\"variants\":[%s]}"
                .formatted(name, Models.variant(version, "champion", 10_000, model));
    }

    /** A model that loads as long as nobody calls {@link #finish}. */
    private String slow() throws IOException, InterruptedException {
        Path pipe = blob(Digest.of(SLOW));
        Files.createDirectories(pipe.getParent());
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        Path empty = blob(Digest.of(new byte[0]));
        Files.createDirectories(empty.getParent());
        Files.write(empty, new byte[0]);
        return "{\"manifest\":\"%s\",\"file\":\"%s\"}"
                .formatted(Digest.of(SLOW).hex(), Digest.of(new byte[0]).hex());
    }

    private void finish() throws IOException {
        Files.write(blob(Digest.of(SLOW)), SLOW);
    }

    private Path blob(Digest digest) {
        return folder.resolve(
                "blobs", digest.hex().substring(0, 2), digest.hex().substring(2));
    }

    private @org.jspecify.annotations.Nullable String serves(String endpoint) {
        try (Serving serving = router.lease()) {
            Endpoint found = serving.endpoint(endpoint);
            return found == null ? null : found.championVersion();
        }
    }

    /** On a thread of its own: the common pool may have but one, and others use it. */
    private CompletableFuture<Boolean> applied(ScorerConfig config) {
        CompletableFuture<Boolean> applied = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> applied.complete(router.apply(config)));
        return applied;
    }

    private static void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aCandidateThatAnotherScorerTookOutIsOutWithTheNextConfiguration() throws Exception {
        String both = "{\"name\":\"m\",\"key\":[\"id\"],\"salt\":\"s\",\"rollout\":\"%s\",\"variants\":[%s,%s]}";
        String champion = Models.variant("m/1", "champion", 5_000, models.model(0.25, "x"));
        String canary = Models.variant("m/2", "canary", 5_000, models.model(0.75, "x"));
        String fused = canary.replace("{\"version\"", "{\"fused\":\"5 errors in a row\",\"version\"");
        assertThat(fused).isNotEqualTo(canary);
        assertThat(router.apply(config(1, both.formatted("r1", champion, canary))))
                .isTrue();
        assertThat(versions()).containsExactly("m/1", "m/2");
        assertThat(router.apply(config(2, both.formatted("r1", champion, fused))))
                .isTrue();
        assertThat(versions()).containsExactly("m/1");
        assertThat(router.apply(config(3, both.formatted("r2", champion, canary))))
                .isTrue();
        assertThat(versions()).as("a later rollout").containsExactly("m/1", "m/2");
    }

    private java.util.List<String> versions() {
        try (Serving serving = router.lease()) {
            return serving.endpoint("m").versions();
        }
    }

    @Test
    void aModelThatLoadsSlowlyHoldsUpNoOtherEndpoint() throws Exception {
        String fast = models.model(0.25, "x");
        assertThat(router.apply(config(1, endpoint("b", "b/1", fast)))).isTrue();
        String slow = slow();
        String other = models.model(0.5, "x");
        CompletableFuture<Boolean> applied =
                applied(config(2, endpoint("a", "a/1", slow), endpoint("b", "b/2", other)));
        await(() -> "b/2".equals(serves("b")));
        assertThat(serves("a")).isNull();
        assertThat(applied).isNotDone();
        finish();
        assertThat(applied.join()).isTrue();
        assertThat(serves("a")).isEqualTo("a/1");
        assertThat(serves("b")).isEqualTo("b/2");
    }

    @Test
    void anEndpointServesItsOldChampionWhileTheNewOneLoads() throws Exception {
        String model = models.model(0.25, "x");
        assertThat(router.apply(config(1, endpoint("a", "a/1", model)))).isTrue();
        String slow = slow();
        CompletableFuture<Boolean> applied =
                applied(config(2, endpoint("a", "a/2", slow), endpoint("new", "new/1", model)));
        await(() -> "new/1".equals(serves("new")));
        assertThat(serves("a")).isEqualTo("a/1");
        finish();
        assertThat(applied.join()).isTrue();
        assertThat(serves("a")).isEqualTo("a/2");
    }

    @Test
    void aChampionThatCannotBeLoadedLeavesItsEndpointAndTakesNothingFromOthers() throws Exception {
        String model = models.model(0.25, "x");
        assertThat(router.apply(config(1, endpoint("a", "a/1", model)))).isTrue();
        String missing = "{\"manifest\":\"%s\",\"file\":\"%s\"}".formatted("0".repeat(64), "1".repeat(64));
        assertThat(router.apply(config(2, endpoint("a", "a/2", missing), endpoint("b", "b/1", model))))
                .isFalse();
        assertThat(serves("a")).isEqualTo("a/1");
        assertThat(serves("b")).isEqualTo("b/1");
        assertThat(router.problem())
                .isEqualTo("champion a/2 of a cannot be loaded: blob " + "0".repeat(64) + " is not in "
                        + folder.resolve("blobs"));
        assertThat(router.apply(config(3, endpoint("a", "a/3", model)))).isTrue();
        assertThat(serves("a")).isEqualTo("a/3");
        assertThat(serves("b")).isNull();
    }

    @Test
    void aModelIsLoadedOnceForAllWhoWantIt() throws Exception {
        ModelCache cache = cache();
        ModelFiles files = Json.read(models.model(0.25, "x"), ModelFiles.class);
        List<CompletableFuture<Model>> several = java.util.stream.IntStream.range(0, 50)
                .mapToObj(i -> cache.acquire(files))
                .toList();
        Model first = several.getFirst().join();
        assertThat(several).allSatisfy(model -> assertThat(model.join()).isSameAs(first));
        assertThat(cache.size()).isOne();
        for (int i = 0; i < 49; i++) {
            cache.release(files);
        }
        assertThat(cache.size()).isOne();
        cache.release(files);
        assertThat(cache.size()).isZero();
        assertThat(cache.acquire(files).join()).isNotSameAs(first);
    }

    @Test
    void aBlobThatIsNotWhatItsNameSaysIsNotLoaded() throws Exception {
        ModelFiles files = Json.read(models.model(0.25, "x"), ModelFiles.class);
        Path file = blob(new Digest(files.file()));
        Files.writeString(file, "something else");
        assertThatThrownBy(cache().acquire(files)::join)
                .isInstanceOf(CompletionException.class)
                .hasMessageContaining("does not hold what its name says: expected sha256 " + files.file())
                .hasMessageContaining("restore it");
    }

    @Test
    void whatFailedIsTriedAgainByTheNextWhoWantsIt() throws Exception {
        ModelCache cache = cache();
        ModelFiles files = Json.read(models.model(0.25, "x"), ModelFiles.class);
        Path file = blob(new Digest(files.file()));
        byte[] good = Files.readAllBytes(file);
        Files.delete(file);
        assertThatThrownBy(cache.acquire(files)::join).hasMessageContaining("is not in");
        assertThat(cache.size()).isZero();
        cache.release(files);
        Files.write(file, good);
        assertThat(cache.acquire(files).join()).isNotNull();
    }

    private ModelCache cache() {
        return new ModelCache(folder.resolve("blobs"), new ModelLoader(folder.resolve("native")), 0, new Metrics());
    }

    @Test
    void aShadowWithResourcesOfItsOwnIsAnotherLoadedModel() throws Exception {
        ModelFiles plain = new ModelFiles(
                models.put("{\"format\":\"onnx\"}".getBytes(StandardCharsets.UTF_8)), models.put(OnnxFiles.matrix()));
        ModelFiles own = new ModelFiles(
                plain.manifest(), plain.file(), null, false, new ScorerConfig.ResourcesConfig(2, 2, null));
        ModelCache cache = cache();
        Model champion = cache.acquire(plain).join();
        Model shadow = cache.acquire(own).join();
        assertThat(shadow).isNotSameAs(champion);
        assertThat(cache.acquire(own).join()).isSameAs(shadow);
        assertThat(cache.size()).isEqualTo(2);
        cache.release(own);
        cache.release(own);
        assertThat(cache.size()).as("the champion goes on").isOne();
        cache.release(plain);
        assertThat(cache.size()).isZero();
    }

    /** Loads a model in a small heap. */
    static final class SmallHeap {
        private SmallHeap() {}

        public static void main(String[] arguments) throws IOException {
            ModelCache cache =
                    new ModelCache(Path.of(arguments[0]), new ModelLoader(Path.of(arguments[1])), 0, new Metrics());
            try (Model model = cache.acquire(new ModelFiles(arguments[2], arguments[3]))
                            .join();
                    OutputStream words = new FileOutputStream(FileDescriptor.out)) {
                words.write(("loaded " + model.schema().inputs()).getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    @Test
    void anOnnxModelLargerThanTheHeapIsLoaded() throws Exception {
        byte[] manifest = "{\"format\":\"onnx\"}".getBytes(StandardCharsets.UTF_8);
        byte[] file = OnnxFiles.heavy(96 << 20);
        ProcessBuilder child = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx48m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                SmallHeap.class.getName(),
                folder.resolve("blobs").toString(),
                folder.resolve("native").toString(),
                models.put(manifest),
                models.put(file));
        child.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        Process process = child.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        assertThat(said).contains("loaded [TensorSpec[name=x, type=FP32, shape=[-1, 1]]]");
    }
}
