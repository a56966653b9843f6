package dev.perennial.scoring.trees;

import dev.perennial.kernel.PerennialException;
import dev.perennial.scoring.Model;
import dev.perennial.scoring.ModelManifest;
import dev.perennial.scoring.RunLimit;
import dev.perennial.scoring.TabularModel;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Thousands of seeded accidents: a damaged model is refused, or gives numbers; nothing else is thrown, and it ends. */
class DamagedFilesTest {
    private static final int CASES = 600;
    private static final int ROWS = 5;
    private static final byte[] ODD = {
        0, 1, 0x7f, (byte) 0x80, (byte) 0xff, '[', ']', '{', '}', '$', '#', 'L', '9', '-', ' ', '\n'
    };

    @ParameterizedTest
    @ValueSource(
            strings = {
                "xgboost-3.2-dart.json",
                "xgboost-2.1-logistic.json",
                "xgboost-3.2-softprob.ubj",
                "xgboost-3.2-one-hot.ubj",
                "xgboost-3.2-early-scikit.ubj",
                "lightgbm-4.7-binary.txt",
                "lightgbm-4.7-ova.txt",
                "lightgbm-4.7-frame.txt"
            })
    void aDamagedModelIsRefusedOrGivesNumbers(String file) {
        byte[] whole = Fixture.bytes(file);
        String format = file.endsWith("txt")
                ? ModelManifest.LIGHTGBM_TEXT
                : "xgboost-" + file.substring(file.lastIndexOf('.') + 1);
        Fixture fixture = new Fixture(file, format, "xgboost-3.2.rows.csv", "");
        double[][] rows = Arrays.copyOf(fixture.rows(), ROWS);
        for (int seed = 0; seed < CASES; seed++) {
            byte[] damaged = damaged(whole, new Random(seed));
            try (Model model = TreeFormats.load(fixture.byCodes(), damaged)) {
                use(model, rows);
            } catch (PerennialException refused) {
                // as it should be
            } catch (RuntimeException e) {
                throw new AssertionError(file + " with seed " + seed, e);
            }
        }
    }

    private static void use(Model model, double[][] rows) {
        model.run(Fixture.columns(rows), RunLimit.NONE);
        if (model instanceof TabularModel tabular) {
            for (double[] row : rows) {
                tabular.score(Fixture.row(row));
            }
            tabular.scoreAll(List.of(Fixture.row(rows[0])));
        }
    }

    private static byte[] damaged(byte[] whole, Random random) {
        byte[] damaged = whole.clone();
        for (int i = 1 + random.nextInt(8); i > 0; i--) {
            int at = random.nextInt(damaged.length);
            switch (random.nextInt(4)) {
                case 0 -> damaged[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> damaged[at] = (byte) random.nextInt(256);
                case 2 -> damaged[at] = ODD[random.nextInt(ODD.length)];
                default -> {
                    int from = random.nextInt(damaged.length);
                    int length = Math.min(1 + random.nextInt(12), damaged.length - Math.max(at, from));
                    System.arraycopy(damaged, from, damaged, at, length);
                }
            }
        }
        return damaged;
    }
}
