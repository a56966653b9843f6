package dev.perennial.worker.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.features.Arrival;
import dev.perennial.features.Arrival.LabelKnown;
import dev.perennial.features.Arrival.PredictionDue;
import dev.perennial.features.Arrival.RowKnown;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceFeederTest {
    private static final long FROM = ValidateStepTest.local("2013-10-30");
    private static final long TO = ValidateStepTest.local("2013-11-06");

    @TempDir
    Path temporary;

    @Test
    void everythingComesInTheOrderInWhichItBecameKnown() {
        List<Arrival> arrivals = read(FROM, TO, false);

        for (int i = 1; i < arrivals.size(); i++) {
            assertThat(arrivals.get(i).time())
                    .isGreaterThanOrEqualTo(arrivals.get(i - 1).time());
        }
        assertThat(arrivals)
                .filteredOn(arrival -> !(arrival instanceof RowKnown))
                .allSatisfy(arrival -> assertThat(arrival.time()).isGreaterThanOrEqualTo(FROM));
        assertThat(arrivals.getFirst().time())
                .as("ten days before, for the windows")
                .isBetween(FROM - FlightDelay.hours(240), FROM - FlightDelay.hours(239));
        assertThat(arrivals.getLast().time()).isLessThan(TO);
    }

    @Test
    void twoWeeksInTwoPiecesAreTheWholeOnceAndInOrder() {
        long middle = ValidateStepTest.local("2013-11-02");
        List<String> whole = told(read(FROM, TO, false));
        List<String> pieces = new ArrayList<>(told(read(FROM, middle, false)));
        pieces.addAll(told(read(middle, TO, false)));

        assertThat(whole).hasSizeGreaterThan(3000).isEqualTo(pieces).doesNotHaveDuplicates();
    }

    @Test
    void onlySampledRowsAreScoredAndLabelledUnlessAllAreAskedFor() {
        List<Arrival> sampled = read(FROM, TO, false);
        List<Arrival> all = read(FROM, TO, true);

        assertThat(sampled)
                .filteredOn(PredictionDue.class::isInstance)
                .allSatisfy(due ->
                        assertThat(DuckDb.crc32(((PredictionDue) due).id()) % 4).isZero());
        assertThat(all.stream().filter(PredictionDue.class::isInstance).count()).isGreaterThan(6000);
        assertThat(all.stream()
                        .filter(due -> due instanceof PredictionDue prediction && prediction.sampled())
                        .count())
                .isEqualTo(
                        sampled.stream().filter(PredictionDue.class::isInstance).count());
        assertThat(all.stream().filter(LabelKnown.class::isInstance).count())
                .isEqualTo(sampled.stream().filter(LabelKnown.class::isInstance).count());
    }

    @Test
    void aPredictionCarriesOnlyWhatIsKnownByThen() {
        read(FROM, TO, false).stream()
                .filter(PredictionDue.class::isInstance)
                .map(PredictionDue.class::cast)
                .forEach(due -> {
                    assertThat(due.eventTime() - due.time()).isEqualTo(FlightDelay.hours(2));
                    assertThat(due.row().value("carrier")).isNotNull();
                    assertThat(due.row().value("late")).isNull();
                    assertThat(due.row().value("dep_delay_min")).isNull();
                });
    }

    @Test
    void beyondTheDataThereIsNothing() {
        assertThat(read(ValidateStepTest.local("2015-01-01"), ValidateStepTest.local("2099-01-01"), false))
                .isEmpty();
    }

    private static List<String> told(List<Arrival> arrivals) {
        return arrivals.stream()
                .filter(arrival -> !(arrival instanceof RowKnown))
                .map(arrival -> switch (arrival) {
                    case LabelKnown label -> "label " + label.id() + " " + label.label() + " " + label.time();
                    case PredictionDue due -> "prediction " + due.id() + " " + due.time();
                    case RowKnown known -> "";
                })
                .toList();
    }

    private List<Arrival> read(long from, long to, boolean all) {
        List<Arrival> arrivals = new ArrayList<>();
        try (SourceFeeder feeder =
                SourceFeeder.open(DuckDb.Settings.in(temporary), FlightDelay.file(), List.of(), from, to, all)) {
            feeder.forEachRemaining(arrivals::add);
        }
        return arrivals;
    }
}
