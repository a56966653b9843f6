package dev.perennial.predictionlog;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Decodes the payload of one record frame, whose checksum was verified before. */
final class FrameDecoder {
    private final ByteBuffer in;
    private final List<LogColumn> columns;

    FrameDecoder(ByteBuffer payload, List<LogColumn> columns) {
        this.in = payload;
        this.columns = columns;
    }

    LogRecord record() {
        byte kind = in.get();
        LogRecord record = switch (kind) {
            case Frames.PREDICTION -> prediction(false);
            case Frames.SAMPLED -> prediction(true);
            case Frames.SHADOW -> shadow();
            default -> throw malformed("a frame of unknown kind " + kind);
        };
        checkEnd();
        return record;
    }

    private void checkEnd() {
        if (in.hasRemaining()) {
            throw malformed(in.remaining() + " bytes behind a record");
        }
    }

    Tally tally() {
        in.get();
        Role role = role(in.get());
        long minute = in.getLong();
        Tally tally = new Tally(minute, text(), role, varint(), varint(), varint());
        checkEnd();
        return tally;
    }

    CallTally calls() {
        in.get();
        CallTally.Group group = group(in.get());
        long minute = in.getLong();
        String version = text();
        CallTally.Counts counts = new CallTally.Counts(varint(), varint(), varint(), varint());
        CallTally.Times times = new CallTally.Times(varint(), in.getDouble(), in.getDouble());
        checkEnd();
        return new CallTally(minute, version, group, counts, times);
    }

    private static CallTally.Group group(int bits) {
        if (bits < 0 || bits >= CallTally.Group.values().length) {
            throw malformed("group " + bits);
        }
        return CallTally.Group.values()[bits];
    }

    private static Role role(int bits) {
        if (bits < 0 || bits >= Role.values().length) {
            throw malformed("role " + bits);
        }
        return Role.values()[bits];
    }

    private Kept kept(int flags) {
        double probability = in.getDouble();
        if (!(probability > 0 && probability <= 1)) {
            throw malformed("a probability of " + probability);
        }
        return new Kept(probability, (flags & Frames.DRAWN) != 0);
    }

    private PredictionRecord prediction(boolean sampled) {
        int flags = in.get();
        Role role = role(flags & Frames.ROLE_BITS);
        Kept kept = sampled ? kept(flags) : Kept.ALWAYS;
        String id = text();
        String version = text();
        long predictedAt = in.getLong();
        long eventTime = in.getLong();
        double score = in.getDouble();
        long latency = varint();
        LoggedFeatures features = features();
        PredictionRecord.Paired paired =
                (flags & Frames.PAIRED) != 0 ? new PredictionRecord.Paired(text(), in.getDouble()) : null;
        PredictionRecord.Failure failure =
                (flags & Frames.FAILED) != 0 ? new PredictionRecord.Failure(text(), text()) : null;
        boolean control = (flags & Frames.CONTROL) != 0;
        var answer = new PredictionRecord.Answer(version, role, score, control, latency);
        return new PredictionRecord(id, answer, predictedAt, eventTime, features, paired, failure, kept);
    }

    private ShadowRecord shadow() {
        int flags = in.get();
        String id = text();
        String version = text();
        long predictedAt = in.getLong();
        long eventTime = in.getLong();
        var served = new PredictionRecord.Paired(text(), in.getDouble());
        boolean failed = (flags & Frames.FAILED) != 0;
        String error = failed ? text() : null;
        double score = failed ? Double.NaN : in.getDouble();
        boolean pair = (flags & Frames.PAIRED) != 0;
        return new ShadowRecord(id, version, predictedAt, eventTime, score, error, served, pair);
    }

    private LoggedFeatures features() {
        double[] numbers = new double[columns.size()];
        @Nullable String[] texts = new @Nullable String[columns.size()];
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).type() == ColumnType.NUMBER) {
                numbers[i] = in.getDouble();
            } else {
                texts[i] = nullableText();
            }
        }
        return new LoggedFeatures(columns, numbers, texts);
    }

    private String text() {
        String text = nullableText();
        if (text == null) {
            throw malformed("a missing text");
        }
        return text;
    }

    private @Nullable String nullableText() {
        long length = varint() - 1;
        if (length < 0) {
            return null;
        }
        if (length > in.remaining()) {
            throw malformed("a text of " + length + " bytes where " + in.remaining() + " are left");
        }
        String text = new String(in.array(), in.arrayOffset() + in.position(), (int) length, UTF_8);
        in.position(in.position() + (int) length);
        return text;
    }

    private long varint() {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte next = in.get();
            value |= (next & 0x7fL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw malformed("a number of more than ten bytes");
    }

    static PerennialException malformed(String what) {
        return new PerennialException(
                ErrorCode.MALFORMED_REQUEST,
                "not a valid prediction log segment: " + what + "; deliver the file again");
    }
}
