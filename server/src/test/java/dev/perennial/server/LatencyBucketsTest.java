package dev.perennial.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LatencyBucketsTest {
    private static final String TEXT = """
            # TYPE perennial_scorer_request_seconds histogram
            perennial_scorer_request_seconds_bucket{endpoint="a",le="0.001"} 4
            perennial_scorer_request_seconds_bucket{endpoint="a",le="0.01"} 9
            perennial_scorer_request_seconds_bucket{endpoint="a",le="+Inf"} 10
            perennial_scorer_request_seconds_sum{endpoint="a"} 0.5
            perennial_scorer_request_seconds_count{endpoint="a"} 10
            perennial_scorer_request_seconds_bucket{endpoint="ab",le="0.001"} 70
            perennial_scorer_request_seconds_bucket{endpoint="ab",le="0.01"} 80
            perennial_scorer_request_seconds_bucket{endpoint="ab",le="+Inf"} 90
            """;

    @Test
    void countsEachBucketByItself() {
        assertThat(LatencyBuckets.in(TEXT, "a"))
                .isEqualTo(new LatencyBuckets(List.of(0.001, 0.01), List.of(4L, 5L, 1L)));
    }

    @Test
    void takesNoOtherEndpointWhoseNameBeginsAlike() {
        assertThat(LatencyBuckets.in(TEXT, "ab").counts()).containsExactly(70L, 10L, 10L);
    }

    @Test
    void anEndpointWithoutAHistogramHasNoBuckets() {
        assertThat(LatencyBuckets.in(TEXT, "b")).isEqualTo(LatencyBuckets.NONE);
        assertThat(LatencyBuckets.in("", "a")).isEqualTo(LatencyBuckets.NONE);
    }

    @Test
    void sumsSeveralSeriesOfOneEndpoint() {
        String split = """
                perennial_scorer_request_seconds_bucket{endpoint="a",version="1",le="0.001"} 1
                perennial_scorer_request_seconds_bucket{endpoint="a",version="1",le="+Inf"} 3
                perennial_scorer_request_seconds_bucket{endpoint="a",version="2",le="0.001"} 10
                perennial_scorer_request_seconds_bucket{endpoint="a",version="2",le="+Inf"} 10
                """;
        assertThat(LatencyBuckets.in(split, "a")).isEqualTo(new LatencyBuckets(List.of(0.001), List.of(11L, 2L)));
    }

    @Test
    void addsTheBucketsOfTwoScorers() {
        LatencyBuckets one = new LatencyBuckets(List.of(0.1), List.of(1L, 2L));
        assertThat(one.plus(new LatencyBuckets(List.of(0.1), List.of(10L, 20L))).counts())
                .containsExactly(11L, 22L);
        assertThat(LatencyBuckets.NONE.plus(one)).isEqualTo(one);
        assertThat(one.plus(LatencyBuckets.NONE)).isEqualTo(one);
    }

    @Test
    void leavesOutAScorerWithOtherBuckets() {
        LatencyBuckets one = new LatencyBuckets(List.of(0.1), List.of(1L, 2L));
        assertThat(one.plus(new LatencyBuckets(List.of(0.2), List.of(10L, 20L))))
                .isEqualTo(one);
    }
}
