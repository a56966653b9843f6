package dev.perennial.worker.deploying;

import dev.perennial.kernel.PerennialException;
import dev.perennial.scoring.ModelManifest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tells XGBoost's file forms apart by their first bytes: names say little, {@code model.xgb} may be any of them. */
final class XgboostFile {
    private static final int OBJECT = '{';

    private XgboostFile() {}

    /** @throws PerennialException for a form that is not read, with the way out */
    static String format(Path file) throws IOException {
        byte[] head;
        try (InputStream in = Files.newInputStream(file)) {
            head = in.readNBytes(2);
        }
        if (head.length < 2 || head[0] != OBJECT) {
            throw PerennialException.invalid(
                    "model",
                    "its XGBoost file is neither JSON nor UBJSON; save it again with XGBoost 2.1 or newer, or with"
                            + " model_format='json'");
        }
        int next = head[1];
        boolean text = next == '"' || next == '}' || next == ' ' || next == '\n' || next == '\r' || next == '\t';
        return text ? ModelManifest.XGBOOST_JSON : ModelManifest.XGBOOST_UBJ;
    }
}
