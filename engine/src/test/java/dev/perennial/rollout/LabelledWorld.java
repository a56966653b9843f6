package dev.perennial.rollout;

import dev.perennial.statistics.DesignEffect;
import java.time.LocalDate;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;

/** Worlds with outcomes, by the design effect of a day's paired log-loss difference; the days are those of the flights. */
enum LabelledWorld {
    INDEPENDENT(1, new RolloutWorld(230, 0, 0, 0.3, DoubleUnaryOperator.identity())),
    FEW(5, flights(120)),
    QUICK(15, flights(430)),
    FULL(50, flights(1_500));

    private final int deff;
    private final RolloutWorld world;

    LabelledWorld(int deff, RolloutWorld world) {
        this.deff = deff;
        this.world = world;
    }

    int deff() {
        return deff;
    }

    RolloutWorld world() {
        return world;
    }

    /** The design effect as many days show it. */
    static double measured(RolloutWorld world) {
        SplittableRandom random = new SplittableRandom(7);
        double[] sums = new double[400];
        double[] squares = new double[400];
        long[] rows = new long[400];
        for (int i = 0; i < sums.length; i++) {
            RolloutEvidence.Comparison day =
                    world.day(LocalDate.EPOCH, 1, random).comparison();
            sums[i] = day.paired().logLoss();
            squares[i] = day.paired().logLossSquares();
            rows[i] = day.labelled();
        }
        return DesignEffect.of(sums, squares, rows).deff();
    }

    private static RolloutWorld flights(int rows) {
        return new RolloutWorld(rows, 0.78, 0.18, 0.3, DoubleUnaryOperator.identity());
    }
}
