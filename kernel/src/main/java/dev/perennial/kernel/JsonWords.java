package dev.perennial.kernel;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says why a text is no JSON, or not that which was expected, in words for who sent it: without names of classes and of settings. */
public final class JsonWords {
    private static final Pattern BEGUN = Pattern.compile("\\(start marker at \\[.*line: (\\d+), column: (\\d+)\\]\\)");
    private static final Pattern NO_NUMBER = Pattern.compile("Non-standard token '([^']*)': enable `[^`]*` to allow");
    private static final Pattern BOUND = Pattern.compile(", from `[^`]*`\\)");
    private static final Pattern OUR_OWN = Pattern.compile("(?s)Cannot construct instance of `[^`]*`, problem: ");

    private JsonWords() {}

    /** Why, without where. */
    public static String why(JsonProcessingException e) {
        String said = String.valueOf(e.getOriginalMessage());
        said = OUR_OWN.matcher(said).replaceFirst("");
        said = BEGUN.matcher(said).replaceFirst("(it begins in line $1, column $2)");
        said = BOUND.matcher(said).replaceFirst(")");
        Matcher token = NO_NUMBER.matcher(said);
        return token.find() ? "JSON has no number '" + token.group(1) + "'; null says that a value is missing" : said;
    }

    /** Why, and in which line and column when that is known. */
    public static String whyAndWhere(JsonProcessingException e) {
        var at = e.getLocation();
        boolean known = at != null && at.getLineNr() > 0;
        return known ? why(e) + " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")" : why(e);
    }
}
