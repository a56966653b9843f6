package dev.perennial.cli.demo;

/** Something that the story says and that was checked. */
record Claim(String text, boolean held, String expected, String actual) {}
