package dev.perennial.scoring.python;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes what a model's process writes and brings it into our log, a bounded number of lines each minute. */
final class PythonOutput {
    private static final Logger LOG = LoggerFactory.getLogger(PythonOutput.class);
    private static final int LINES_A_MINUTE = 200;
    private static final int LINE_BYTES_MAX = 2_000;
    private static final int BUFFER_BYTES = 8_192;

    private final Process process;
    private final byte[] line = new byte[LINE_BYTES_MAX];
    private int length;
    private long minute = System.nanoTime();
    private int lines;

    PythonOutput(Process process) {
        this.process = process;
    }

    /** Reads until the process ends: nobody must wait for us. */
    void start() {
        Thread.ofPlatform().daemon().name("python-output-" + process.pid()).start(this::read);
    }

    private void read() {
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = process.getInputStream()) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                for (int i = 0; i < n; i++) {
                    take(buffer[i]);
                }
            }
        } catch (IOException e) {
            LOG.debug("process {} says nothing more", process.pid(), e);
        }
        tell();
    }

    private void take(byte next) {
        if (next == '\n') {
            tell();
        } else if (length < line.length) {
            line[length++] = next;
        }
    }

    private void tell() {
        if (length == 0) {
            return;
        }
        if (System.nanoTime() - minute > TimeUnit.MINUTES.toNanos(1)) {
            minute = System.nanoTime();
            lines = 0;
        }
        if (++lines <= LINES_A_MINUTE) {
            LOG.info("model process {}: {}", process.pid(), new String(line, 0, length, StandardCharsets.UTF_8));
        } else if (lines == LINES_A_MINUTE + 1) {
            LOG.warn(
                    "model process {} writes more than {} lines a minute; the rest is dropped",
                    process.pid(),
                    LINES_A_MINUTE);
        }
        length = 0;
    }
}
