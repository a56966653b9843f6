package dev.perennial.scorer.http;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.predictionlog.ColumnType;
import dev.perennial.scorer.serving.Answer;
import dev.perennial.scorer.serving.ColumnAnswers;
import dev.perennial.scorer.serving.ColumnRows;
import dev.perennial.scorer.serving.Endpoint;
import dev.perennial.scorer.serving.Instance;
import dev.perennial.scorer.serving.Outcome;
import dev.perennial.scorer.serving.Payload;
import dev.perennial.scorer.serving.Schema;
import dev.perennial.scoring.TabularModel;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import dev.perennial.tensors.TensorSpec;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the tensors of a request mean to an endpoint, and which tensors answer it: the same for every protocol that speaks in tensors.
 *
 * <p>An endpoint of rows takes one tensor of shape {@code [n]} or {@code [n,1]} for each column. The columns of the prediction id and the
 * two times are optional; without a key the request's id, or a new one, names the prediction. Any number type fits a number column when
 * nothing is lost. Every other endpoint takes exactly the inputs of its model. Thread-safe.
 */
public final class Payloads {
    /** Outputs of an endpoint of rows that are given only when asked for by name. */
    public static final List<String> ON_DEMAND = List.of("prediction_id", "version", "role");

    /** What is answered to rows when nothing is asked for by name. */
    public static final List<String> SCORE_ALONE = List.of(TabularModel.SCORE);

    private static final String FALLBACK = "fallback";

    private static final char REPLACEMENT = '\ufffd';

    private final InstantSource clock;
    private final int rowsMax;
    private final Supplier<String> ids;

    /** Which values of a request are missing though tensors have no word for it: JSON's null among texts. */
    public interface Missing {
        Missing NONE = (input, element) -> false;

        /**
         * @param input position among the inputs
         * @param element position among its elements
         */
        boolean at(int input, int element);
    }

    /**
     * @param rowsMax most rows of a request
     * @param ids makes a new prediction id
     */
    public Payloads(InstantSource clock, int rowsMax, Supplier<String> ids) {
        this.clock = clock;
        this.rowsMax = rowsMax;
        this.ids = ids;
    }

    /**
     * What an endpoint is to do with inputs.
     *
     * @param id the request's own name, if it has one
     * @throws PerennialException naming the input, what was expected and what came
     */
    public Payload payload(Endpoint endpoint, List<Tensor> inputs, Missing missing, @Nullable String id) {
        if (inputs.isEmpty()) {
            throw Problems.one("inputs", "a request needs at least one input");
        }
        Set<String> names = HashSet.newHashSet(inputs.size());
        for (Tensor input : inputs) {
            if (!names.add(input.name())) {
                throw Problems.one(input.name(), "the input stands twice");
            }
        }
        if (id != null) {
            String problem = Texts.problem(id);
            if (problem != null) {
                throw Problems.one("id", problem);
            }
        }
        return endpoint.tabular()
                ? rows(endpoint, inputs, missing, id)
                : new Payload.Tensors(
                        fitting(endpoint, inputs, missing, names), id == null && endpoint.draws() ? ids.get() : id);
    }

    /** The prediction id of a row whose caller gave none. */
    String newId() {
        return ids.get();
    }

    /** Rows of a body that is JSON to its end. */
    public Payload.@Nullable Rows usual(Endpoint endpoint, byte[] body, UsualRows.Reader reader) {
        return usual(endpoint, body, body.length, reader);
    }

    /**
     * Rows of a body of the usual form, read in one pass.
     *
     * @param json length of the JSON with which the body begins
     * @return null when it is not, or anything is wrong with it: read it by the full reader, which tells
     */
    public Payload.@Nullable Rows usual(Endpoint endpoint, byte[] body, int json, UsualRows.Reader reader) {
        List<Instance> rows = new UsualRows(endpoint, clock, rowsMax, ids).read(body, json, reader);
        return rows == null ? null : new Payload.Rows(rows);
    }

    /**
     * Rows of a request of another form than JSON, read in one pass.
     *
     * @param bytes that it has
     * @param reader whether it read the request to its end
     * @return null when it did not: read it by the full reader, which tells
     */
    public Payload.@Nullable Rows usual(Endpoint endpoint, int bytes, Predicate<UsualRows> reader) {
        List<Instance> rows = new UsualRows(endpoint, clock, rowsMax, ids).read(bytes, reader);
        return rows == null ? null : new Payload.Rows(rows);
    }

    /** Gives the values of one row. */
    public interface Filling {
        void fill(RowBuilder builder, int row);
    }

    /**
     * Rows for an endpoint of rows, from values that somebody else reads.
     *
     * @param id the request's own name, if it has one
     * @throws PerennialException naming every column that is wrong
     */
    public Payload.Rows rows(Endpoint endpoint, int rows, @Nullable String id, Filling filling) {
        if (rows > rowsMax) {
            throw tooMany("instances", rows);
        }
        Problems problems = new Problems();
        RowBuilder builder = new RowBuilder(endpoint, clock, problems);
        List<Instance> instances = new ArrayList<>(rows);
        for (int row = 0; row < rows; row++) {
            builder.begin(rows == 1 ? "" : "row " + row);
            filling.fill(builder, row);
            String fallback = id == null ? ids.get() : rows == 1 ? id : id + "#" + row;
            instances.add(builder.end(fallback));
        }
        problems.throwIfAny();
        return new Payload.Rows(instances);
    }

    private Payload.Rows rows(Endpoint endpoint, List<Tensor> inputs, Missing missing, @Nullable String id) {
        ColumnRows columns = columns(endpoint, inputs, missing, id);
        return columns == null ? oneByOne(endpoint, inputs, missing, id) : new Payload.Rows(columns);
    }

    /** Several rows as columns of numbers; null when there is anything else, or anything wrong, in them. */
    private @Nullable ColumnRows columns(Endpoint endpoint, List<Tensor> inputs, Missing missing, @Nullable String id) {
        int rows = inputs.getFirst().elements();
        if (rows < 2 || rows > rowsMax || missing != Missing.NONE) {
            return null;
        }
        for (Tensor input : inputs) {
            boolean column = input.elements() == rows && input.rows() == rows && input.rank() <= 2;
            if (!column || !numbers(endpoint.schema().place(input.name()), endpoint, input)) {
                return null;
            }
        }
        ColumnRows columns = new ColumnRows(endpoint.schema(), inputs, endpoint.now(clock), id, ids);
        return columns.complete() && columns.finite() ? columns : null;
    }

    private static boolean numbers(Schema.Place place, Endpoint endpoint, Tensor input) {
        Schema.Slot slot = place.slot();
        boolean exact =
                input.type() != DataType.BYTES && input.type() != DataType.INT64 && input.type() != DataType.UINT64;
        return exact
                && slot != null
                && slot.feature() >= 0
                && slot.key() < 0
                && !place.time()
                && endpoint.schema().union().column(slot.feature()).type() == ColumnType.NUMBER;
    }

    private Payload.Rows oneByOne(Endpoint endpoint, List<Tensor> inputs, Missing missing, @Nullable String id) {
        List<Schema.Place> places = inputs.stream()
                .map(input -> endpoint.schema().place(input.name()))
                .toList();
        return rows(endpoint, count(inputs), id, (builder, row) -> {
            for (int i = 0; i < places.size(); i++) {
                if (missing.at(i, row)) {
                    builder.missing(places.get(i));
                } else {
                    put(builder, places.get(i), inputs.get(i), row);
                }
            }
        });
    }

    private int count(List<Tensor> inputs) {
        Problems problems = new Problems();
        int rows = inputs.getFirst().elements();
        for (Tensor input : inputs) {
            int elements = input.elements();
            if (elements < 1 || elements != input.rows() || input.rank() > 2) {
                throw Problems.one(
                        input.name(),
                        "its shape " + Arrays.toString(input.shape()) + " must be [n] or [n,1] with n of 1 or more");
            }
            if (elements > rowsMax) {
                throw tooMany(input.name(), elements);
            }
            if (elements != rows) {
                problems.add(input.name(), "it has " + elements + " rows, the first input " + rows);
            }
        }
        problems.throwIfAny();
        return rows;
    }

    private PerennialException tooMany(String field, int rows) {
        return new PerennialException(
                ErrorCode.TOO_LARGE,
                field + ": " + rows + " rows; at most " + rowsMax + " are possible in one request (--batch-rows)",
                field,
                null);
    }

    private static void put(RowBuilder builder, Schema.Place place, Tensor input, int row) {
        if (place.time()) {
            time(builder, input, row);
        } else if (input.type() == DataType.BYTES) {
            String text = input.text(row);
            if (text.indexOf(REPLACEMENT) >= 0 && !utf8(input.string(row), text)) {
                builder.other(place, "bytes that are not UTF-8");
            } else {
                builder.text(place, text);
            }
        } else {
            number(builder, place, input, row);
        }
    }

    private static boolean utf8(byte[] bytes, String text) {
        return Arrays.equals(bytes, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void number(RowBuilder builder, Schema.Place place, Tensor input, int row) {
        double number = input.number(row);
        if (Double.isNaN(number)) {
            builder.missing(place);
            return;
        }
        boolean wide = input.type() == DataType.INT64 || input.type() == DataType.UINT64;
        if (wide && !exact(input.whole(row), input.type())) {
            String shown = input.type() == DataType.INT64
                    ? Long.toString(input.whole(row))
                    : Long.toUnsignedString(input.whole(row));
            builder.other(place, "the whole number " + shown + ", which a double cannot hold");
            return;
        }
        builder.number(place, number);
    }

    private static boolean exact(long whole, DataType type) {
        long zeros = Long.numberOfTrailingZeros(whole);
        long size = type == DataType.UINT64 ? whole : Math.abs(whole);
        return Long.SIZE - Long.numberOfLeadingZeros(size) - zeros <= Double.PRECISION;
    }

    private static void time(RowBuilder builder, Tensor input, int row) {
        boolean text = input.type() == DataType.BYTES;
        String shown = text ? input.text(row) : Double.toString(input.number(row));
        long millis = -1;
        if (text) {
            millis = Texts.time(shown);
        } else if (input.type().whole()) {
            shown = Long.toString(input.whole(row));
            millis = Texts.checked(input.whole(row));
        }
        builder.time(input.name(), millis, shown);
    }

    private static List<Tensor> fitting(Endpoint endpoint, List<Tensor> inputs, Missing missing, Set<String> names) {
        Problems problems = new Problems();
        List<Tensor> fitting = new ArrayList<>(inputs.size());
        List<TensorSpec> wanted = endpoint.model().inputs();
        boolean columns = endpoint.model().tabular();
        for (int i = 0; i < inputs.size(); i++) {
            Tensor input = columns ? flat(inputs.get(i)) : inputs.get(i);
            TensorSpec spec = endpoint.model().input(input.name()).orElse(null);
            if (spec == null) {
                problems.add(
                        input.name(),
                        "unknown input; the model takes "
                                + wanted.stream().map(TensorSpec::name).toList());
            } else if (!(columns ? alike(spec.type(), input.type()) : spec.type() == input.type())
                    || !spec.fits(input.shape())) {
                problems.add(
                        input.name(),
                        "expected " + spec.type() + shape(spec.shape()) + ", got " + input.type()
                                + Arrays.toString(input.shape()).replace(" ", ""));
            } else if (hasMissing(missing, i, input)) {
                problems.add(input.name(), "null is no " + input.type());
            }
            fitting.add(input);
        }
        for (TensorSpec spec : wanted) {
            if (!names.contains(spec.name()) && required(endpoint, spec)) {
                problems.add(spec.name(), "the input is missing; expected " + spec.type() + shape(spec.shape()));
            }
        }
        problems.throwIfAny();
        return fitting;
    }

    private static boolean required(Endpoint endpoint, TensorSpec spec) {
        var columns = endpoint.model().columns();
        int at = columns == null ? -1 : columns.position(spec.name());
        return columns == null || at < 0 || columns.column(at).required();
    }

    /** A column may come as {@code [n,1]}. */
    private static Tensor flat(Tensor input) {
        boolean column = input.rank() == 2 && input.elements() == input.rows();
        return column ? input.shaped(new long[] {input.elements()}) : input;
    }

    private static boolean alike(DataType wanted, DataType given) {
        return (wanted == DataType.BYTES) == (given == DataType.BYTES);
    }

    private static boolean hasMissing(Missing missing, int input, Tensor tensor) {
        if (missing == Missing.NONE || tensor.type() != DataType.BYTES) {
            return false;
        }
        for (int i = 0; i < tensor.elements(); i++) {
            if (missing.at(input, i)) {
                return true;
            }
        }
        return false;
    }

    private static String shape(List<Long> shape) {
        return shape.toString().replace(" ", "");
    }

    /**
     * The outputs that answer a request, in order.
     *
     * @param asked names in the request; none means all outputs of the model
     * @throws PerennialException for a name that is unknown or stands twice
     */
    public static List<String> wanted(Endpoint endpoint, List<String> asked) {
        if (asked.isEmpty() && endpoint.tabular()) {
            return SCORE_ALONE;
        }
        List<String> own =
                endpoint.model().outputs().stream().map(TensorSpec::name).toList();
        if (asked.isEmpty()) {
            return own;
        }
        Set<String> seen = new HashSet<>();
        for (String name : asked) {
            boolean known = endpoint.tabular()
                    ? name.equals(TabularModel.SCORE) || ON_DEMAND.contains(name)
                    : own.contains(name);
            if (!known) {
                throw Problems.one("outputs", "output '" + name + "' is unknown; there are " + known(endpoint, own));
            }
            if (!seen.add(name)) {
                throw Problems.one("outputs", "output '" + name + "' stands twice");
            }
        }
        return asked;
    }

    private static List<String> known(Endpoint endpoint, List<String> own) {
        if (!endpoint.tabular()) {
            return own;
        }
        List<String> all = new ArrayList<>(List.of(TabularModel.SCORE));
        all.addAll(ON_DEMAND);
        return all;
    }

    /** The tensors of an answer to rows; {@code names} as {@link #wanted} gave them. */
    public static List<Tensor> outputs(Outcome.Scored scored, List<String> names) {
        List<Answer> answers = scored.answers();
        List<Tensor> outputs = new ArrayList<>(names.size());
        for (String name : names) {
            outputs.add(
                    switch (name) {
                        case "prediction_id" -> texts(name, answers, Answer::id);
                        case "version" -> texts(name, answers, Answer::version);
                        case "role" ->
                            texts(name, answers, answer -> answer.role().word());
                        default -> Tensor.doubles(name, scores(answers));
                    });
        }
        return outputs;
    }

    private static double[] scores(List<Answer> answers) {
        if (answers instanceof ColumnAnswers columns) {
            return columns.scores();
        }
        double[] scores = new double[answers.size()];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = answers.get(i).score();
        }
        return scores;
    }

    /** The tensors of a model's answer; {@code names} as {@link #wanted} gave them. */
    public static List<Tensor> outputs(Outcome.Computed computed, List<String> names) {
        Map<String, Tensor> byName = new LinkedHashMap<>();
        computed.outputs().forEach(output -> byName.put(output.name(), output));
        List<Tensor> outputs = new ArrayList<>(names.size());
        for (String name : names) {
            Tensor output = byName.get(name);
            if (output == null) {
                throw new PerennialException(
                        ErrorCode.INTERNAL,
                        "the model " + computed.version() + " gave " + byName.keySet() + " and no '" + name + "'");
            }
            outputs.add(output);
        }
        return outputs;
    }

    /** What an answer to exactly one row says of itself: the outputs on demand, by name; empty for more rows. */
    public static Map<String, String> facts(Outcome.Scored scored) {
        String fallback = scored.fallback();
        if (scored.answers().size() != 1) {
            return fallback.isEmpty() ? Map.of() : Map.of(FALLBACK, fallback);
        }
        Answer answer = scored.answers().getFirst();
        Map<String, String> facts = new LinkedHashMap<>();
        if (!fallback.isEmpty()) {
            facts.put(FALLBACK, fallback);
        }
        facts.put("prediction_id", answer.id());
        facts.put("version", answer.version());
        facts.put("role", answer.role().word());
        return facts;
    }

    /** What is said beside tensors: who answered in place of a champion that failed. */
    public static Map<String, String> facts(Outcome.Computed computed) {
        return computed.instead() ? Map.of(FALLBACK, computed.fallback()) : Map.of();
    }

    private interface TextOf {
        String of(Answer answer);
    }

    private static Tensor texts(String name, List<Answer> answers, TextOf text) {
        byte[][] strings = new byte[answers.size()][];
        for (int i = 0; i < strings.length; i++) {
            strings[i] = text.of(answers.get(i)).getBytes(StandardCharsets.UTF_8);
        }
        return Tensor.bytes(name, new long[] {strings.length}, strings);
    }
}
