package dev.perennial.cli;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Stops the server of a data directory. */
@Command(
        name = "stop",
        mixinStandardHelpOptions = true,
        description = "Stops the server of a data directory, its scorer and its workers.",
        footer = {"", "Examples:", "  perennial stop", "  perennial stop --data-dir /srv/perennial"})
final class StopCommand extends CliCommand {
    @Option(names = "--force", description = "End the processes at once; what was acknowledged stays safe.")
    boolean force;

    @Override
    Integer execute() {
        ServerProcess server = ServerProcess.running(dataDir()).orElse(null);
        List<ChildProcess> children = ChildProcess.of(dataDir());
        if (server == null && children.isEmpty()) {
            terminal().line("nothing runs on " + dataDir());
            return ExitCode.OK;
        }
        if (server != null && !force) {
            server.stop(ServerProcess.STOP_GRACE);
        } else {
            if (server != null) {
                server.kill();
            }
            children.forEach(child -> child.mark().signal(force));
        }
        terminal()
                .line("stopped " + (server == null ? "" : "the server (pid " + server.pid() + ")")
                        + (children.isEmpty()
                                ? ""
                                : (server == null ? "" : " and ") + children.size() + " of its processes"));
        return ExitCode.OK;
    }
}
