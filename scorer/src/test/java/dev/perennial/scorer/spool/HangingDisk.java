package dev.perennial.scorer.spool;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** A real disk that hangs, or refuses, when a test says so. */
final class HangingDisk implements Disk {
    private final Disk real = Disk.ofFiles();
    private boolean hangs;
    private boolean waits;
    private String refusal = "";

    /** From now on every call waits until this is taken back. */
    synchronized void hang(boolean now) {
        hangs = now;
        notifyAll();
    }

    /** From now on every write fails with these words; none does when they are empty. */
    synchronized void refuse(String words) {
        refusal = words;
    }

    /** Waits until somebody waits for this disk. */
    synchronized void awaitSomebody() throws InterruptedException {
        while (!waits) {
            wait();
        }
    }

    private synchronized void pass() throws IOException {
        waits = hangs;
        notifyAll();
        try {
            while (hangs) {
                wait();
            }
        } catch (InterruptedException e) {
            throw new InterruptedIOException("interrupted");
        }
        waits = false;
        if (!refusal.isEmpty()) {
            throw new IOException(refusal);
        }
    }

    @Override
    public void write(Path file, long at, ByteBuffer bytes) throws IOException {
        pass();
        real.write(file, at, bytes);
    }

    @Override
    public void force(Path file) throws IOException {
        pass();
        real.force(file);
    }

    @Override
    public void close(Path file) throws IOException {
        real.close(file);
    }

    @Override
    public void close() throws IOException {
        real.close();
    }
}
