/**
 * What is known about rows: column types, row rules, snapshots, profiles and validation reports. Start at {@link
 * dev.perennial.data.SourceSchema}; nothing here reads a file.
 */
@NullMarked
package dev.perennial.data;

import org.jspecify.annotations.NullMarked;
