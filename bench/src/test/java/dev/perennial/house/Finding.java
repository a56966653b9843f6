package dev.perennial.house;

/** Something that the house does not want. */
record Finding(String file, int line, String what) {
    @Override
    public String toString() {
        return file + ":" + line + ": " + what;
    }
}
