package dev.perennial.scoring.python;

/** A model that runs in a process of its own. */
public interface OwnProcess {
    /** The most memory that its process has taken so far; 0 when the system does not tell. */
    long peakResidentBytes();
}
