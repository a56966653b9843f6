package dev.perennial.scoring.trees;

import org.jspecify.annotations.Nullable;

/**
 * A document of objects, arrays, texts and numbers, read from front to end without keeping it: the same for JSON and for UBJ. Every
 * method refuses a document that has something else there. Not thread-safe.
 */
interface Tokens {
    void beginObject();

    /** Name of the next member, null when the object has no further one. */
    @Nullable
    String name();

    void beginArray();

    /** Whether the array has a further element; false leaves the array. */
    boolean element();

    /** A text, or a number as it is written. */
    String text();

    /** Reads an array of numbers; booleans are 0 and 1. Floats are read as floats. */
    void numbers(Numbers into);

    /** A number that stands alone. */
    double number();

    /** Passes over a value of any kind. */
    void skip();

    /** After the outermost object: nothing may follow. */
    void end();
}
