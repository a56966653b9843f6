package dev.perennial.governance;

/** A right of one account on one object. */
public record Grant(String user, long account, Thing.Kind kind, String object, Right right) {}
