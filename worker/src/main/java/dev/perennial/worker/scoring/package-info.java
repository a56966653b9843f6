/**
 * Scores whole files, one output row for each input row. Start at {@link dev.perennial.worker.scoring.ScoreStep}: an {@link
 * dev.perennial.worker.scoring.InputRows} reads, a {@link dev.perennial.worker.scoring.RowScorer} scores, {@link
 * dev.perennial.worker.scoring.Parts} keeps what is done, an {@link dev.perennial.worker.scoring.Assembly} puts it beside the input.
 */
@NullMarked
package dev.perennial.worker.scoring;

import org.jspecify.annotations.NullMarked;
