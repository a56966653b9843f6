package dev.perennial.server;

/** The release that this program is. */
public final class Version {
    public static final String TEXT = "0.1.0";

    private Version() {}
}
