package dev.perennial.scoring.admission;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Puts limits of the operating system before a command, as far as this machine has and permits them, and says which.
 *
 * @param command with everything that must stand before it
 * @param applied what is in force, with its mechanism
 * @param missing what could not be applied, and why
 */
public record ProcessLimits(List<String> command, List<String> applied, List<String> missing) {
    static final Path PRLIMIT = Path.of("/usr/bin/prlimit");
    private static final Path SETPRIV = Path.of("/usr/bin/setpriv");
    private static final Path UNSHARE = Path.of("/usr/bin/unshare");
    private static final List<String> NOBODY = List.of("--reuid=nobody", "--regid=nogroup", "--clear-groups");
    private static final int PROBE_SECONDS = 5;

    public ProcessLimits {
        command = List.copyOf(command);
        applied = List.copyOf(applied);
        missing = List.copyOf(missing);
    }

    /** @param needed files and folders that the command must be able to read under another user */
    public static ProcessLimits around(List<String> command, AdmissionPolicy policy, List<Path> needed) {
        Building building = new Building();
        building.sizes(policy);
        building.network();
        building.user(needed);
        building.line.addAll(command);
        return new ProcessLimits(building.line, building.applied, building.missing);
    }

    /** What a process that serves gets: sizes and no new privileges, but this user and the network, which models may need. */
    public static ProcessLimits serving(List<String> command, long addressBytes, int openFiles) {
        Building building = new Building();
        building.prlimit(List.of("--as=" + addressBytes, "--nofile=" + openFiles, "--core=0"));
        building.noNewPrivileges();
        building.line.addAll(command);
        return new ProcessLimits(building.line, building.applied, building.missing);
    }

    /** Runs a small program; false when it fails, or has not ended in some seconds. */
    static boolean succeeds(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        boolean ended = process.waitFor(PROBE_SECONDS, TimeUnit.SECONDS);
        process.destroyForcibly();
        return ended && process.exitValue() == 0;
    }

    private static final class Building {
        private final List<String> line = new ArrayList<>();
        private final List<String> applied = new ArrayList<>();
        private final List<String> missing = new ArrayList<>();
        private final boolean root = "root".equals(System.getProperty("user.name"));

        void sizes(AdmissionPolicy policy) {
            prlimit(List.of(
                    "--as=" + policy.addressBytes(),
                    "--cpu=" + policy.cpuSeconds(),
                    "--fsize=" + policy.fileBytes(),
                    "--nofile=" + policy.openFiles(),
                    "--core=0"));
        }

        void prlimit(List<String> limits) {
            if (!Files.isExecutable(PRLIMIT)) {
                missing.add("prlimit: there is no " + PRLIMIT);
                return;
            }
            line.add(PRLIMIT.toString());
            line.addAll(limits);
            line.add("--");
            limits.forEach(limit -> applied.add("prlimit " + limit));
        }

        void network() {
            List<String> apart = root ? List.of(UNSHARE.toString(), "-n") : List.of(UNSHARE.toString(), "-rn");
            if (Files.isExecutable(UNSHARE) && works(apart, List.of("true"))) {
                line.addAll(apart);
                applied.add("unshare " + apart.getLast() + ": no network");
            } else {
                missing.add("no network: this machine does not permit unshare " + apart.getLast());
            }
        }

        void user(List<Path> needed) {
            if (!Files.isExecutable(SETPRIV)) {
                missing.add("setpriv: there is no " + SETPRIV);
                return;
            }
            line.add(SETPRIV.toString());
            if (!root) {
                missing.add("another user: only root can change it");
            } else if (readable(needed)) {
                line.addAll(NOBODY);
                applied.add("setpriv --reuid=nobody");
            } else {
                missing.add("another user: nobody cannot read the files of this installation");
            }
            line.add("--no-new-privs");
            applied.add("setpriv --no-new-privs");
        }

        void noNewPrivileges() {
            if (Files.isExecutable(SETPRIV)) {
                line.addAll(List.of(SETPRIV.toString(), "--no-new-privs"));
                applied.add("setpriv --no-new-privs");
            } else {
                missing.add("setpriv: there is no " + SETPRIV);
            }
        }

        private static boolean readable(List<Path> needed) {
            List<String> as = new ArrayList<>(List.of(SETPRIV.toString()));
            as.addAll(NOBODY);
            List<String> test = new ArrayList<>(List.of("test", "1", "=", "1"));
            needed.forEach(path -> test.addAll(List.of("-a", "-r", path.toString())));
            return works(as, test);
        }

        private static boolean works(List<String> before, List<String> command) {
            List<String> all = new ArrayList<>(before);
            all.addAll(command);
            try {
                return succeeds(all);
            } catch (IOException e) {
                return false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
    }
}
