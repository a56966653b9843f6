package dev.perennial.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

class JsonWordsTest {
    private static final ObjectMapper MAPPER = new ObjectMapper(JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(3).build())
            .build());

    private record Share(double share) {
        private Share {
            if (share > 1) {
                throw new IllegalArgumentException("'share' is " + share + "; it must be at most 1");
            }
        }
    }

    private static String why(String json) {
        return JsonWords.whyAndWhere(catchThrowableOfType(JsonProcessingException.class, () -> MAPPER.readTree(json)));
    }

    @Test
    void aTextThatEndsTooEarlySaysWhereWhatIsOpenBegins() {
        assertThat(why("{\n  [")).isNotEmpty().doesNotContain("REDACTED", "Source");
        assertThat(why("{\"a\":["))
                .isEqualTo("Unexpected end-of-input: expected close marker for Array (it begins in line 1, column 6)"
                        + " (line 1, column 7)");
    }

    @Test
    void aWordThatIsNoNumberOfJsonIsNamedWithWhatToSend() {
        assertThat(why("[NaN]"))
                .isEqualTo("JSON has no number 'NaN'; null says that a value is missing (line 1, column 5)");
        assertThat(why("[-Infinity]")).startsWith("JSON has no number '-Infinity'");
    }

    @Test
    void aBoundIsToldByItsNumberAndNotByTheNameOfASetting() {
        assertThat(why("[[[[1]]]]"))
                .startsWith("Document nesting depth (4) exceeds the maximum allowed (3)")
                .doesNotContain("StreamReadConstraints");
    }

    @Test
    void whatAConstructorRefusesIsToldInItsOwnWords() {
        var refusal = catchThrowableOfType(
                JsonProcessingException.class,
                () -> MAPPER.treeToValue(MAPPER.readTree("{\"share\":1.5}"), Share.class));
        assertThat(JsonWords.whyAndWhere(refusal)).isEqualTo("'share' is 1.5; it must be at most 1");
    }
}
