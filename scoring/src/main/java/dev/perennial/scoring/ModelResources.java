package dev.perennial.scoring;

/**
 * What a loaded model may use beside its own file. Trees and {@code identity} run on their callers' threads and use none of it.
 *
 * @param threads native threads of one call: of ONNX Runtime, or of the numeric libraries in each process of a Python model
 * @param instances sessions of ONNX Runtime, each with its own weights, or processes of a Python model; calls are spread over them
 * @param memoryBytes memory of each process of a Python model; 0: as much as this program gives to any
 */
public record ModelResources(int threads, int instances, long memoryBytes) {
    /** One thread, one instance. */
    public static final ModelResources DEFAULT = new ModelResources(1, 1, 0);

    public ModelResources {
        if (threads < 1 || instances < 1 || memoryBytes < 0) {
            throw new IllegalArgumentException(threads + " threads, " + instances + " instances, " + memoryBytes);
        }
    }
}
