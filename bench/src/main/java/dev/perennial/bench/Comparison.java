package dev.perennial.bench;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** The table of one section: ours, MLflow's, the limit, and whether the goal is reached. */
final class Comparison {
    private final String database;
    private final List<String[]> rows = new ArrayList<>();

    Comparison(String database) {
        this.database = database;
    }

    /**
     * Adds a line.
     *
     * @param ratio of what the goal is about; empty when there is nothing to compare with
     * @param goal empty for a line that is only told
     */
    void row(String work, String ours, String mlflow, String limit, String ratio, String goal, boolean reached) {
        rows.add(new String[] {work, ours, mlflow, limit, ratio, goal, goal.isEmpty() ? "" : reached ? "yes" : "NO"});
        if (!goal.isEmpty()) {
            new Figure(
                            work + ", " + database,
                            ours,
                            mlflow.isEmpty() ? limit : "MLflow: " + mlflow + (limit.isEmpty() ? "" : "; " + limit),
                            ratio,
                            goal,
                            reached)
                    .tell();
        }
    }

    /** A line that is only told. */
    void row(String work, String ours, String mlflow) {
        row(work, ours, mlflow, "", "", "", true);
    }

    void print(PrintStream out) {
        Table table = new Table("work, " + database, "ours", "MLflow 3.17.2", "limit", "ratio", "goal", "reached");
        rows.forEach(table::row);
        out.print(table.text());
    }
}
