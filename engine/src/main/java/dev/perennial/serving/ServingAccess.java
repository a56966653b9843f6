package dev.perennial.serving;

import java.util.List;

/** Says who may ask endpoints. Thread-safe. */
public interface ServingAccess {
    /** Nobody is asked who they are. */
    ServingAccess OPEN = new ServingAccess() {
        @Override
        public long version() {
            return 0;
        }

        @Override
        public String digest(List<String> endpoints) {
            return "";
        }

        @Override
        public ScorerConfig.Access of(List<String> endpoints) {
            return ScorerConfig.Access.OPEN;
        }
    };

    /** Another number whenever something may have changed; asked often. */
    long version();

    /** Another text whenever a scorer has to be told anew. */
    String digest(List<String> endpoints);

    /** Who may ask these endpoints, always in the same order. */
    ScorerConfig.Access of(List<String> endpoints);
}
