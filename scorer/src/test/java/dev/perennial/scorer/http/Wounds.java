package dev.perennial.scorer.http;

import java.util.List;
import java.util.SplittableRandom;

/** Bodies that were good. */
public final class Wounds {
    private Wounds() {}

    /** The same with none, one or two places cut out or replaced by a token. */
    public static String of(String good, List<String> tokens, SplittableRandom random) {
        StringBuilder body = new StringBuilder(good);
        for (int wounds = random.nextInt(3); wounds > 0; wounds--) {
            int at = random.nextInt(body.length());
            int end = Math.min(body.length(), at + random.nextInt(4));
            body.replace(at, end, random.nextInt(3) == 0 ? "" : tokens.get(random.nextInt(tokens.size())));
        }
        return body.toString();
    }
}
