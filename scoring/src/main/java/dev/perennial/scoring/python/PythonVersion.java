package dev.perennial.scoring.python;

import dev.perennial.kernel.PerennialException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A release of Python, such as 3.11.7. */
public record PythonVersion(int major, int minor, int micro) implements Comparable<PythonVersion> {
    private static final Pattern TEXT = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})\\.(\\d{1,4})");

    /** @throws PerennialException for a text that is no such version */
    public static PythonVersion parse(String text) {
        Matcher matcher = TEXT.matcher(text.strip());
        if (!matcher.matches()) {
            throw PerennialException.invalid(
                    "python", "'" + text + "' is no version of Python; it must look like 3.11.7");
        }
        return new PythonVersion(
                Integer.parseInt(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                Integer.parseInt(matcher.group(3)));
    }

    /** Whether models pass between the two as a rule. */
    public boolean sameMinor(PythonVersion other) {
        return major == other.major && minor == other.minor;
    }

    @Override
    public int compareTo(PythonVersion other) {
        int byMajor = Integer.compare(major, other.major);
        int byMinor = Integer.compare(minor, other.minor);
        return byMajor != 0 ? byMajor : byMinor != 0 ? byMinor : Integer.compare(micro, other.micro);
    }

    @Override
    public String toString() {
        return major + "." + minor + "." + micro;
    }
}
