package dev.perennial.server;

/** The release that this program is. */
final class Version {
    static final String TEXT = "0.1.0";

    private Version() {}
}
