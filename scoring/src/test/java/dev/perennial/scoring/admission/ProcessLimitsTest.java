package dev.perennial.scoring.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a process under the limits says of itself. */
class ProcessLimitsTest {
    private static final AdmissionPolicy POLICY =
            new AdmissionPolicy(Duration.ofMinutes(1), 17, 3L << 30, 1L << 30, 5 << 20, 99);

    @TempDir
    Path folder;

    private String under(ProcessLimits limits) throws Exception {
        Process process =
                new ProcessBuilder(limits.command()).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        process.waitFor();
        return said;
    }

    private static ProcessLimits shell(String script, Path... needed) {
        return ProcessLimits.around(List.of("bash", "-c", script), POLICY, List.of(needed));
    }

    @Test
    void theSizesAreInForce() throws Exception {
        ProcessLimits limits = shell("ulimit -v; ulimit -t; ulimit -f; ulimit -n; ulimit -c");
        assertThat(under(limits).lines())
                .containsExactly(Long.toString((3L << 30) / 1024), "17", Long.toString((5 << 20) / 1024), "99", "0");
        assertThat(limits.applied())
                .contains("prlimit --as=3221225472", "prlimit --cpu=17", "prlimit --fsize=5242880", "prlimit --core=0");
    }

    @Test
    void noRightsCanBeGained() throws Exception {
        assertThat(under(shell("grep NoNewPrivs /proc/self/status"))).endsWith("1");
    }

    @Test
    void whatIsSaidOfTheNetworkIsTrue() throws Exception {
        ProcessLimits limits = shell("grep -c : /proc/net/dev");
        boolean cut = limits.applied().stream().anyMatch(line -> line.endsWith("no network"));
        assertThat(limits.missing().stream().anyMatch(line -> line.startsWith("no network")))
                .isNotEqualTo(cut);
        if (cut) {
            assertThat(Integer.parseInt(under(limits)))
                    .as("interfaces: loopback, perhaps tunnels")
                    .isLessThanOrEqualTo(4);
            assertThat(under(shell("cat < /dev/tcp/192.0.2.1/80"))).contains("unreachable");
        }
    }

    @Test
    void anotherUserIsTakenWhereItCanReadWhatItNeeds() throws Exception {
        ProcessLimits open = shell("id -un", Path.of("/usr/bin"));
        boolean root = System.getProperty("user.name").equals("root");
        assertThat(under(open)).isEqualTo(root ? "nobody" : System.getProperty("user.name"));
        assertThat(open.applied().contains("setpriv --reuid=nobody")).isEqualTo(root);

        Path secret = Files.createFile(folder.resolve("secret"));
        Files.setPosixFilePermissions(secret, java.util.Set.of());
        ProcessLimits closed = shell("true", secret);
        assertThat(closed.missing()).anySatisfy(line -> assertThat(line).startsWith("another user: "));
    }
}
