/** What the tests of all rooms share: a clock that they move, seeded ids, a throw-away PostgreSQL. Start at {@link TestClock}. */
@NullMarked
package dev.perennial.testkit;

import org.jspecify.annotations.NullMarked;
