package dev.perennial.worker.training;

import dev.perennial.scoring.NativeLibraries;
import dev.perennial.worker.StepFailure;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoostError;

/**
 * Makes sure that XGBoost's native code is loaded, or says what the machine lacks. The code is unpacked once for an installation: the
 * library's own loader does it in each process, which costs 0.14 s, and leaves the file in the temporary folder when the process is killed.
 */
public final class XgboostLibrary {
    private final Path natives;

    /** @param natives folder in which native libraries are kept for this installation */
    public XgboostLibrary(Path natives) {
        this.natives = natives;
    }

    /** Loads the native code when this process has not done so yet. */
    void load() {
        try {
            loadKept();
            new DMatrix(new float[] {0}, 1, 1, Float.NaN).dispose();
        } catch (LinkageError e) {
            throw missing(e);
        } catch (XGBoostError e) {
            throw new StepFailure(StepFailure.Kind.INFRA, "XGBoost does not start: " + e.getMessage());
        }
    }

    /**
     * Loads the kept file and tells the library's own loader that it need not unpack. There is no other way: its switch is private, and the
     * property for a path of one's own takes only a path inside a jar. Without the switch, in another release say, it does as it likes.
     */
    private void loadKept() {
        try {
            Field initialized = Class.forName(DMatrix.class.getPackageName() + ".NativeLibLoader")
                    .getDeclaredField("initialized");
            initialized.setAccessible(true);
            String file = System.mapLibraryName("xgboost4j");
            String resource = "/lib/" + platform() + "/" + file;
            if (!initialized.getBoolean(null) && DMatrix.class.getResource(resource) != null) {
                String name = version().replace(' ', '-') + "-" + platform().replace('/', '-');
                Path folder = NativeLibraries.unpackOnce(natives, name, DMatrix.class, List.of(resource));
                System.load(folder.resolve(file).toAbsolutePath().toString());
                initialized.setBoolean(null, true);
            }
        } catch (ReflectiveOperationException e) {
            // another release: its own loader unpacks
        }
    }

    /** The name that XGBoost gives to this platform's folder, for example {@code linux/x86_64}. */
    private static String platform() {
        String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        String system = os.startsWith("mac") ? "macos" : os.startsWith("windows") ? "windows" : "linux";
        return system + "/" + (arch.equals("amd64") ? "x86_64" : arch);
    }

    /** Name and version of the trainer, for the record. */
    static String version() {
        Properties properties = new Properties();
        try (InputStream file = DMatrix.class.getResourceAsStream("/xgboost4j-version.properties")) {
            if (file != null) {
                properties.load(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the version of XGBoost", e);
        }
        return "xgboost4j " + properties.getProperty("version", "of unknown version");
    }

    static StepFailure missing(LinkageError error) {
        String text = String.valueOf(error.getMessage());
        String advice = text.contains("libgomp")
                ? "the machine lacks libgomp.so.1: install it, on Debian and Ubuntu with 'apt-get install libgomp1'"
                : "needs Linux with glibc or macOS (amd64, arm64), or Windows (amd64), and an executable data directory";
        return new StepFailure(
                StepFailure.Kind.CONFIG, "XGBoost's native library cannot be loaded: " + advice + " (" + text + ")");
    }
}
