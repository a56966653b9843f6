package dev.perennial.store.backup;

import dev.perennial.store.PlainFolders;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Where artifacts lie as plain files outside the data directory. */
enum PlainPlace {
    /** What clients send to the server and it keeps under plain paths. */
    DESTINATION("artifacts-destination", "artifacts.jsonl", "plain files"),

    /** Where clients write themselves. */
    ROOT("default-artifact-root", "root-artifacts.jsonl", "files of the default artifact root");

    private final String option;
    private final String list;
    private final String kind;

    PlainPlace(String option, String list, String kind) {
        this.option = option;
        this.list = list;
        this.kind = kind;
    }

    static final List<PlainPlace> ALL = List.of(values());

    /** The option of server and restore that names its folder. */
    String option() {
        return option;
    }

    /** The list of its files in a set. */
    String list() {
        return list;
    }

    /** What its files are called. */
    String kind() {
        return kind;
    }

    /** Its folder; empty when there is none that a backup must see to. What lies in the data directory is copied with it. */
    Optional<Path> folder(PlainFolders folders, Path dataDir) {
        return (this == ROOT ? folders.rootFolder() : folders.destination())
                .filter(folder -> !folder.startsWith(dataDir));
    }
}
