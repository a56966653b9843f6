package dev.perennial.lifecycle.file;

import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PerennialException;
import dev.perennial.lifecycle.file.LifecycleFile.Predict;
import dev.perennial.lifecycle.file.LifecycleFile.Risk;
import dev.perennial.lifecycle.file.Value.Named;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * Reads a lifecycle file. Strict: unknown and repeated keys, wrong types, missing parts, names that refer to nothing and features that
 * could see the future are problems, all told in one go with line, column and advice. Pure: no file is opened, so that whether sources
 * and columns exist is checked by whoever has the data ({@link ParseResult#against}).
 */
public final class LifecycleParser {
    private static final String FORMAT = "v1";
    private static final long AHEAD_MAX_MILLIS = 366 * Quantity.MILLIS_PER_DAY;

    private final Problems problems = new Problems();
    private final List<ColumnReference> references = new ArrayList<>();
    private List<SourceReference> files = List.of();
    private final Path baseFolder;

    private LifecycleParser(Path baseFolder) {
        this.baseFolder = baseFolder;
    }

    /**
     * @param text the file's text
     * @param baseFolder the folder of the file: paths of sources are relative to it
     */
    public static ParseResult parse(String text, Path baseFolder) {
        return new LifecycleParser(baseFolder).read(text);
    }

    private ParseResult read(String text) {
        Optional<LifecycleFile> file = new YamlText(problems).root(text).map(this::file);
        return new ParseResult(problems.isEmpty() ? file : Optional.empty(), problems.sorted(), references, files);
    }

    private LifecycleFile file(Node rootNode) {
        Section root = Section.of(problems, rootNode, Place.START, Keys.ROOT, "perennial: v1 and the other sections");
        if (root.present()) {
            root.need("perennial").choice(List.of(FORMAT), FORMAT);
        }
        String model = model(root.need("model"));
        String title = root.need("title").text("");
        String owner = root.need("owner").text("");
        String risk = root.need("risk").choice(List.of("minimal", "limited", "high"), "limited");
        String zone = zone(root.need("time-zone"));
        Sources reader = new Sources(problems, baseFolder, references);
        Map<String, Source> sources = reader.read(root.need("sources"));
        files = reader.files();
        Predict predict = predict(root.need("predict"), sources);
        List<ContractRule> contract = new Contracts(problems, sources, references).read(root.get("contract"));
        FeatureRules featureRules = new FeatureRules(problems, sources);
        Features features = featureRules.read(root.need("features"));
        Operations operations = new Operations();
        Train train = operations.train(root.need("train"));
        Gates gates = operations.gates(root.need("gates"));
        Rollout rollout = operations.rollout(root.need("rollout"));
        Monitor monitor = operations.monitor(root.need("monitor"));
        Retrain retrain = operations.retrain(root.need("retrain"));
        if (!problems.concern("sources") && !problems.concern("predict")) {
            new Knowledge(problems, sources, predict).check(featureRules.uses());
            references(featureRules.uses(), predict);
            slices(operations.slices(), features);
            csvColumns(sources);
        }
        return new LifecycleFile(
                model,
                title,
                owner,
                Risk.valueOf(risk),
                zone,
                sources,
                predict,
                contract,
                features,
                train,
                gates,
                rollout,
                monitor,
                retrain);
    }

    private static String model(Value value) {
        String text = value.text("");
        try {
            if (!text.isEmpty()) {
                new ModelId(text, ModelId.LIVE);
            }
        } catch (PerennialException e) {
            value.wrong(String.valueOf(e.getMessage()), "choose a name such as flight-delay");
        }
        return text;
    }

    private static String zone(Value value) {
        String text = value.text("UTC");
        try {
            ZoneId.of(text);
        } catch (DateTimeException e) {
            value.wrong(
                    "'" + text + "' is no time zone",
                    Nearest.of(text, ZoneId.getAvailableZoneIds())
                            .map(near -> "did you mean '" + near + "'?")
                            .orElse("use a name such as America/New_York or UTC"));
        }
        return text;
    }

    private Predict predict(Value value, Map<String, Source> sources) {
        Section section = value.section(Keys.PREDICT);
        Value labelValue = section.need("label");
        String label = labelValue.name();
        long ahead = section.need("ahead").millis(0, AHEAD_MAX_MILLIS, 0);
        Value fromValue = section.get("from");
        String from = fromValue.present() ? fromValue.text("") : labelled(section, label, sources);
        Source base = sources.get(from);
        if (fromValue.present() && !from.isEmpty() && base == null && !problems.concern("sources")) {
            fromValue.wrong("source '" + from + "' is not declared", Nearest.advice(from, sources.keySet()));
        }
        if (base != null && !label.isEmpty()) {
            references.add(ColumnReference.at(labelValue.place(), from, label, ColumnNeed.NUMBER));
            if (base.knownAhead().contains(label) && !base.knownAt().containsKey(label)) {
                labelValue.wrong(
                        "the label '" + label + "' is declared as known ahead, then there is nothing to predict",
                        "remove it from sources." + from + ".known-ahead and declare its known-at");
            } else if (base.knownAtOf(label) == null) {
                labelValue.wrong(
                        "nothing says when the label '" + label + "' becomes known",
                        "add sources." + from + ".known-at: {" + label + ": COLUMN_WITH_THE_TIME}");
            }
        }
        return new Predict(from, label, ahead);
    }

    /** The one source that declares when the label becomes known. */
    private String labelled(Section section, String label, Map<String, Source> sources) {
        if (!section.present() || label.isEmpty() || problems.concern("sources")) {
            return "";
        }
        List<String> declaring = sources.entrySet().stream()
                .filter(source -> source.getValue().knownAt().containsKey(label))
                .map(Map.Entry::getKey)
                .toList();
        if (declaring.size() == 1) {
            return declaring.getFirst();
        }
        problems.add(
                section.place().missing("from"),
                "'from' is missing and " + (declaring.isEmpty() ? "no source declares" : "several sources declare")
                        + " when '" + label + "' becomes known",
                "name the source whose rows are predicted: from: " + String.join(" or ", sources.keySet()));
        return "";
    }

    private void references(List<ColumnUse> uses, Predict predict) {
        for (ColumnUse use : uses) {
            String source = use.source() == null ? predict.from() : use.source();
            references.add(ColumnReference.at(use.place(), source, use.column(), use.need()));
        }
    }

    /** A slice is a column of the snapshot, hence a feature of the predicted row. */
    private void slices(List<Named> slices, Features features) {
        for (Named slice : slices) {
            if (!features.columns().contains(slice.name())) {
                problems.add(
                        slice.place(),
                        "'" + slice.name() + "' is not in features.columns",
                        Nearest.advice(slice.name(), features.columns()));
            }
        }
    }

    private void csvColumns(Map<String, Source> sources) {
        sources.forEach((name, source) -> {
            Source.Csv csv = source.csv();
            if (csv != null) {
                List<String> columns =
                        csv.columns().stream().map(Source.CsvColumn::name).toList();
                new ParseResult(Optional.empty(), List.of(), references, List.of())
                        .missingColumns(Map.of(name, columns))
                        .forEach(problem -> problems.add(
                                new Place(problem.line(), problem.column(), problem.field()),
                                problem.message(),
                                problem.advice()));
            }
        });
    }
}
