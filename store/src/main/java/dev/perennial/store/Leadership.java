package dev.perennial.store;

/** Which of several servers on one database turns the loop. Used by one thread. */
public interface Leadership extends AutoCloseable {
    /** Takes the lead when nobody has it. Returns whether this server has it now. */
    boolean take();

    /**
     * Whether somebody else may lead by now. While the database cannot be reached nobody can take the lead, and this server keeps it.
     */
    boolean lost();

    @Override
    void close();

    /** Of a server that shares its database with nobody. */
    static Leadership alone() {
        return new Leadership() {
            @Override
            public boolean take() {
                return true;
            }

            @Override
            public boolean lost() {
                return false;
            }

            @Override
            public void close() {
                // Nothing is held.
            }
        };
    }
}
