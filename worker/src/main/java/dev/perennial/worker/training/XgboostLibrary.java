package dev.perennial.worker.training;

import dev.perennial.worker.StepFailure;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoostError;

/** Makes sure that XGBoost's native code is loaded, or says what the machine lacks. */
final class XgboostLibrary {
    private XgboostLibrary() {}

    static void load() {
        try {
            new DMatrix(new float[] {0}, 1, 1, Float.NaN).dispose();
        } catch (LinkageError e) {
            throw missing(e);
        } catch (XGBoostError e) {
            throw new StepFailure(StepFailure.Kind.INFRA, "XGBoost does not start: " + e.getMessage());
        }
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
                : "needs Linux with glibc or macOS (amd64, arm64), or Windows (amd64), and an executable temporary folder "
                        + System.getProperty("java.io.tmpdir");
        return new StepFailure(
                StepFailure.Kind.CONFIG, "XGBoost's native library cannot be loaded: " + advice + " (" + text + ")");
    }
}
