/**
 * Models that only Python can run: {@link dev.perennial.scoring.python.PythonRuntime} loads one into a process of its own, {@link
 * dev.perennial.scoring.python.PythonEnvironments} prepares the interpreter that this process is. Start at PythonRuntime.
 */
@NullMarked
package dev.perennial.scoring.python;

import org.jspecify.annotations.NullMarked;
