package dev.perennial.scoring.admission;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Limits grow with what a model needs, and with nothing else. */
class AdmissionPolicyTest {
    private static final long GIBIBYTE = 1L << 30;

    @Test
    void thereAreAddressesForTheMemoryOfAPythonModelsProcess() {
        assertThat(AdmissionPolicy.python(0, 0).addressBytes()).isEqualTo(6 * GIBIBYTE);
        assertThat(AdmissionPolicy.python(0, 3 * GIBIBYTE).addressBytes()).isEqualTo(14 * GIBIBYTE);
        assertThat(AdmissionPolicy.python(0, 64L << 20).addressBytes())
                .as("the process that starts it needs its own")
                .isEqualTo(6 * GIBIBYTE);
        assertThat(AdmissionPolicy.python(0, 3 * GIBIBYTE).residentBytes())
                .as("which watches over itself alone")
                .isEqualTo(GIBIBYTE);
    }

    @Test
    void aFolderThatIsCopiedMayBeWritten() {
        assertThat(AdmissionPolicy.python(5 * GIBIBYTE, 0).fileBytes()).isEqualTo(5 * GIBIBYTE + (128L << 20));
    }

    @Test
    void memoryAndAddressesGrowWithTheFile() {
        AdmissionPolicy policy = AdmissionPolicy.standard(1_000);
        assertThat(policy.addressBytes()).isEqualTo(4 * GIBIBYTE + 6_000);
        assertThat(policy.residentBytes()).isEqualTo(GIBIBYTE + 4_000);
    }
}
