package dev.perennial.governance;

/** One role of one account in a project. */
public record Member(String project, String user, Role role) {}
