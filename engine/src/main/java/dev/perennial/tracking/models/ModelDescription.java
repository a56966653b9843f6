package dev.perennial.tracking.models;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.tracking.ArtifactPath;
import dev.perennial.tracking.Artifacts;
import dev.perennial.tracking.OpenArtifact;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * What a model that a client logged says of itself.
 *
 * @param requirements lines of {@code requirements.txt}, without comments
 */
public record ModelDescription(MlModelFile file, List<String> requirements) {
    private static final String REQUIREMENTS = "requirements.txt";
    private static final int BYTES_MAX = 4 << 20;

    public ModelDescription {
        requirements = List.copyOf(requirements);
    }

    /**
     * Reads the files of a model.
     *
     * @param folder of the model in its place
     * @return empty when there is no file {@link MlModelFile#NAME}
     */
    public static Optional<ModelDescription> of(Artifacts.Place place, ArtifactPath folder) {
        return text(place, folder, MlModelFile.NAME)
                .map(text -> new ModelDescription(
                        MlModelFile.parse(text),
                        text(place, folder, REQUIREMENTS)
                                .orElse("")
                                .lines()
                                .map(String::strip)
                                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                                .toList()));
    }

    private static Optional<String> text(Artifacts.Place place, ArtifactPath folder, String name) {
        try (OpenArtifact open = place.open(folder.resolve(ArtifactPath.of(name)));
                InputStream bytes = open.stream()) {
            if (open.size() > BYTES_MAX) {
                throw PerennialException.invalid(
                        name, "the file " + name + " has " + open.size() + " bytes, more than " + BYTES_MAX);
            }
            return Optional.of(new String(bytes.readAllBytes(), StandardCharsets.UTF_8));
        } catch (PerennialException e) {
            if (e.code() == ErrorCode.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + name, e);
        }
    }
}
