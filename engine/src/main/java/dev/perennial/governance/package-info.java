/**
 * Who may do what. {@link dev.perennial.governance.Access} answers it; {@link dev.perennial.governance.Authentication} says who somebody
 * is; accounts, tokens, sessions, projects and grants are kept by the classes of these names. Everything is read from the database when it
 * is needed, so that servers on one database agree at once.
 */
@NullMarked
package dev.perennial.governance;

import org.jspecify.annotations.NullMarked;
