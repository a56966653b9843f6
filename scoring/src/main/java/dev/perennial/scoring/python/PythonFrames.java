package dev.perennial.scoring.python;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What travels between a scorer and a model's process, little-endian: length of the rest, length of the header, header, tensors. Before
 * each byte string stands its length; that of a missing one is {@code 0xffffffff}.
 */
final class PythonFrames {
    private static final int MISSING = -1;
    private static final int HEAP_SHARE = 4;
    /** The largest frame, which is also the most that a model can make us hold. */
    static final int BYTES_MAX = (int) Math.min(1 << 30, Runtime.getRuntime().maxMemory() / HEAP_SHARE);

    private PythonFrames() {}

    /** A message: its header, which names its tensors, and their bytes. */
    record Frame(JsonNode header, List<Tensor> tensors) {
        String kind() {
            return header.path("kind").asText();
        }
    }

    /** A tensor to be sent: of byte strings some may be missing. */
    record Part(String name, DataType type, long[] shape, ByteBuffer raw) {
        static Part of(Tensor tensor) {
            if (tensor.type() != DataType.BYTES) {
                return new Part(tensor.name(), tensor.type(), tensor.shape(), tensor.raw());
            }
            byte[] @Nullable [] strings = new byte[tensor.elements()][];
            for (int i = 0; i < strings.length; i++) {
                strings[i] = tensor.string(i);
            }
            return strings(tensor.name(), tensor.shape(), strings);
        }

        static Part texts(String name, @Nullable String[] texts) {
            byte[] @Nullable [] strings = new byte[texts.length][];
            for (int i = 0; i < texts.length; i++) {
                String text = texts[i];
                strings[i] = text == null ? null : text.getBytes(StandardCharsets.UTF_8);
            }
            return strings(name, new long[] {texts.length}, strings);
        }

        private static Part strings(String name, long[] shape, byte[] @Nullable [] strings) {
            long bytes = 0;
            for (byte[] string : strings) {
                bytes += Integer.BYTES + (string == null ? 0 : string.length);
            }
            if (bytes > BYTES_MAX) {
                throw tooLarge(bytes);
            }
            ByteBuffer raw = ByteBuffer.allocate((int) bytes).order(ByteOrder.LITTLE_ENDIAN);
            for (byte[] string : strings) {
                raw.putInt(string == null ? MISSING : string.length);
                if (string != null) {
                    raw.put(string);
                }
            }
            return new Part(name, DataType.BYTES, shape, raw.flip());
        }
    }

    /** Writes a frame; blocks until the other side has room for it. */
    static void write(GatheringByteChannel channel, ObjectNode header, List<Part> parts) throws IOException {
        if (!parts.isEmpty()) {
            ArrayNode told = header.putArray("tensors");
            for (Part part : parts) {
                ObjectNode one = told.addObject()
                        .put("name", part.name())
                        .put("datatype", part.type().name())
                        .put("bytes", part.raw().remaining());
                one.set("shape", Json.tree(part.shape()));
            }
        }
        byte[] text = Json.write(header).getBytes(StandardCharsets.UTF_8);
        long length = Integer.BYTES
                + text.length
                + parts.stream().mapToLong(part -> part.raw().remaining()).sum();
        if (length > BYTES_MAX) {
            throw tooLarge(length);
        }
        ByteBuffer head = ByteBuffer.allocate(2 * Integer.BYTES + text.length).order(ByteOrder.LITTLE_ENDIAN);
        head.putInt((int) length).putInt(text.length).put(text).flip();
        List<ByteBuffer> all = new ArrayList<>(List.of(head));
        parts.forEach(part -> all.add(part.raw()));
        for (ByteBuffer buffer : all) {
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        }
    }

    /**
     * Reads a frame.
     *
     * @throws IOException when the connection ends, or what comes is no frame
     */
    static Frame read(ReadableByteChannel channel) throws IOException {
        int length = whole(channel, Integer.BYTES).getInt();
        if (length < Integer.BYTES || length > BYTES_MAX) {
            throw new IOException("a frame of " + Integer.toUnsignedString(length) + " bytes");
        }
        ByteBuffer body = whole(channel, length);
        int headerLength = body.getInt();
        if (headerLength < 0 || headerLength > body.remaining()) {
            throw new IOException("a header of " + headerLength + " bytes in a frame of " + length);
        }
        byte[] text = new byte[headerLength];
        body.get(text);
        try {
            JsonNode header = Json.parse(text);
            List<Tensor> tensors = new ArrayList<>();
            for (JsonNode told : header.path("tensors")) {
                tensors.add(tensor(told, body));
            }
            return new Frame(header, tensors);
        } catch (PerennialException | IllegalArgumentException e) {
            throw new IOException("a frame that cannot be read: " + e.getMessage(), e);
        }
    }

    private static Tensor tensor(JsonNode told, ByteBuffer body) {
        int bytes = told.path("bytes").asInt(-1);
        if (bytes < 0 || bytes > body.remaining()) {
            throw new IllegalArgumentException(
                    "a tensor of " + bytes + " bytes where " + body.remaining() + " are left");
        }
        ByteBuffer raw = body.slice(body.position(), bytes).order(ByteOrder.LITTLE_ENDIAN);
        body.position(body.position() + bytes);
        DataType type = DataType.of(told.path("datatype").asText())
                .orElseThrow(() -> new IllegalArgumentException("a tensor of type " + told.path("datatype")));
        long[] shape = shape(told.path("shape"));
        String name = told.path("name").asText();
        if (type != DataType.BYTES) {
            return Tensor.of(name, type, shape, raw);
        }
        int elements = Tensor.elements(shape);
        if ((long) elements * Integer.BYTES > bytes) {
            throw new IllegalArgumentException(elements + " texts in " + bytes + " bytes");
        }
        byte[][] strings = new byte[elements][];
        for (int i = 0; i < strings.length; i++) {
            int size = raw.remaining() < Integer.BYTES ? -1 : raw.getInt();
            if (size < 0 || size > raw.remaining()) {
                throw new IllegalArgumentException("a text of " + size + " bytes");
            }
            strings[i] = new byte[size];
            raw.get(strings[i]);
        }
        return Tensor.bytes(name, shape, strings);
    }

    private static long[] shape(JsonNode told) {
        long[] shape = new long[told.size()];
        for (int i = 0; i < shape.length; i++) {
            if (!told.path(i).canConvertToLong()) {
                throw new IllegalArgumentException("a tensor of the shape " + told);
            }
            shape[i] = told.path(i).asLong();
        }
        return shape;
    }

    private static ByteBuffer whole(ReadableByteChannel channel, int bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new EOFException("the connection ended");
            }
        }
        return buffer.flip();
    }

    private static PerennialException tooLarge(long bytes) {
        return PerennialException.invalid(
                "inputs", "the values take " + bytes + " bytes; at most " + BYTES_MAX + " can be given to the model");
    }
}
