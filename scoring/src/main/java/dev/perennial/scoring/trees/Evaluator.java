package dev.perennial.scoring.trees;

import dev.perennial.scoring.CategoryCodes;
import dev.perennial.scoring.ModelFailure;
import dev.perennial.scoring.ModelManifest;
import dev.perennial.scoring.Row;
import dev.perennial.scoring.RunLimit;
import dev.perennial.scoring.Signature;

/** Rows of values to what the library makes of them: categories to codes, slots, leaves, sums, results. Thread-safe. */
final class Evaluator {
    private final Signature signature;
    private final CategoryCodes codes;
    private final Forest forest;
    private final int[] classOf;
    private final int classes;
    private final double[] base;
    private final double divisor;
    private final Link link;
    private final double slope;
    private final boolean floats;
    private final ThreadLocal<Scratch> scratch = ThreadLocal.withInitial(Scratch::new);

    /** Buffers of one thread. */
    private final class Scratch {
        private final double[] row = new double[signature.size()];
        private final int[] slots = new int[forest.layout.width()];
        private final double[] perTree = new double[forest.trees() + 1]; // the last one takes what idle lanes give
    }

    Evaluator(ModelManifest manifest, Ensemble model) {
        this.signature = manifest.signature();
        this.codes = new CategoryCodes(signature, manifest.categories());
        this.forest = new Forest(model);
        this.classOf = model.classOf();
        this.classes = model.classes();
        this.base = model.base();
        this.divisor = model.divisor();
        this.link = model.link();
        this.slope = model.slope();
        this.floats = model.floats();
    }

    Signature signature() {
        return signature;
    }

    CategoryCodes codes() {
        return codes;
    }

    int classes() {
        return classes;
    }

    /** The one result of a row of a model of one sum. */
    double one(Row row) {
        Scratch own = scratch.get();
        encode(row, own.row);
        forest.layout.fill(own.row, own.slots, 0);
        forest.leaves(own.slots, own.perTree);
        double sum = base[0];
        int trees = own.perTree.length - 1;
        if (floats) {
            float narrow = (float) sum;
            for (int i = 0; i < trees; i++) {
                narrow += (float) own.perTree[i];
            }
            return (float) link.of(narrow, slope);
        }
        for (int i = 0; i < trees; i++) {
            sum += own.perTree[i];
        }
        return link.of(sum / divisor, slope);
    }

    /** Where the rows of a batch come from. */
    interface Source {
        int rows();

        /** Writes a row's numbers and category codes, NaN where they are missing. */
        void row(int number, double[] into);
    }

    /**
     * The results of all rows, by row and class.
     *
     * @throws ModelFailure when nobody waits any more
     */
    double[] all(Source source, RunLimit limit) {
        double[] results = new double[Math.multiplyExact(source.rows(), classes)];
        if (results.length == 0) {
            return results;
        }
        if (source.rows() < Forest.LANES) {
            few(source, results);
        } else {
            blocks(source, results, limit);
        }
        finish(results, source.rows());
        return results;
    }

    /** Row by row, four trees at a time. */
    private void few(Source source, double[] sums) {
        Scratch own = scratch.get();
        for (int row = 0; row < source.rows(); row++) {
            source.row(row, own.row);
            forest.layout.fill(own.row, own.slots, 0);
            forest.leaves(own.slots, own.perTree);
            int at = row * classes;
            System.arraycopy(base, 0, sums, at, classes);
            for (int tree = 0; tree < forest.trees(); tree++) {
                double sum = sums[at + classOf[tree]] + own.perTree[tree];
                sums[at + classOf[tree]] = floats ? (float) sum : sum;
            }
        }
    }

    /** Tree by tree, four rows at a time. */
    private void blocks(Source source, double[] sums, RunLimit limit) {
        ForestBlock block = new ForestBlock(forest, classOf, classes, floats, source.rows());
        double[] row = new double[signature.size()];
        for (int first = 0; first < source.rows(); first += block.rows()) {
            if (limit.over()) {
                throw new ModelFailure("stopped after " + first + " of " + source.rows() + " rows: nobody waits");
            }
            int count = Math.min(block.rows(), source.rows() - first);
            for (int i = 0; i < count; i++) {
                source.row(first + i, row);
                block.row(i, row);
            }
            System.arraycopy(block.sums(count, base), 0, sums, first * classes, count * classes);
        }
    }

    private void finish(double[] results, int rows) {
        for (int i = 0; i < results.length; i++) {
            results[i] /= divisor;
        }
        for (int row = 0; row < rows; row++) {
            link.all(results, row * classes, classes, slope);
        }
        if (floats) {
            for (int i = 0; i < results.length; i++) {
                results[i] = (float) results[i];
            }
        }
    }

    /** A row's numbers and category codes. */
    void encode(Row row, double[] into) {
        for (int i = 0; i < into.length; i++) {
            into[i] = codes.category(i) ? codes.code(i, row.text(i)) : row.number(i);
        }
    }
}
