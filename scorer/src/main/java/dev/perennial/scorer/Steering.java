package dev.perennial.scorer;

import java.io.IOException;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Says which of two processes that share a port gets new connections. Without it the kernel gives each a half, and those that wait in the
 * queue of a process that closes its socket are reset. A program of one instruction, run for each new connection, gives all of them to the
 * second of the sockets; once that one is alone it gets them anyway. Needs Linux 4.5; used at a replacement only, since the first call of
 * a native function costs some 50 ms.
 */
final class Steering {
    private static final Path OPEN_FILES = Path.of("/proc/self/fd");
    private static final int SOL_SOCKET = 1;
    private static final int SO_ACCEPTCONN = 30;
    private static final int SO_ATTACH_REUSEPORT_CBPF = 51;
    private static final short RETURN_CONSTANT = 0x06;
    /** The place of the socket that was opened last, of two. */
    private static final int SECOND = 1;

    private static final int ADDRESS_BYTES = 128;
    private static final int PORT_AT = 2;
    private static final long INSTRUCTION_BYTES = 8;
    private static final long CONSTANT_AT = 4;
    private static final long PROGRAM_BYTES = 16;
    private static final long POINTER_AT = 8;
    private static final AddressLayout POINTER = ValueLayout.ADDRESS;

    private final MethodHandle get = handle("getsockopt", POINTER);
    private final MethodHandle set = handle("setsockopt", ValueLayout.JAVA_INT);
    private final MethodHandle name = Linker.nativeLinker()
            .downcallHandle(
                    Linker.nativeLinker().defaultLookup().findOrThrow("getsockname"),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, POINTER, POINTER));

    private static MethodHandle handle(String function, ValueLayout last) {
        return Linker.nativeLinker()
                .downcallHandle(
                        Linker.nativeLinker().defaultLookup().findOrThrow(function),
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT,
                                POINTER,
                                last));
    }

    /**
     * From now on all new connections to a port that this process shares with one that listened before come here.
     *
     * @throws IOException when this process does not listen there, or the kernel refuses
     */
    static void toThisProcess(int port) throws IOException {
        Steering steering = new Steering();
        List<Integer> sockets;
        try (Stream<Path> files = Files.list(OPEN_FILES)) {
            sockets = files.filter(Steering::socket)
                    .map(file -> Integer.parseInt(file.getFileName().toString()))
                    .toList();
        }
        for (int socket : sockets) {
            if (steering.listens(socket, port)) {
                steering.attach(socket);
                return;
            }
        }
        throw new IOException("this process does not listen on port " + port);
    }

    private static boolean socket(Path file) {
        try {
            return Files.readSymbolicLink(file).toString().startsWith("socket:");
        } catch (IOException e) {
            return false; // closed between two looks
        }
    }

    private boolean listens(int socket, int port) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment listening = arena.allocate(ValueLayout.JAVA_INT);
            MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, Integer.BYTES);
            MemorySegment address = arena.allocate(ADDRESS_BYTES);
            MemorySegment space = arena.allocateFrom(ValueLayout.JAVA_INT, ADDRESS_BYTES);
            return called(get, socket, SOL_SOCKET, SO_ACCEPTCONN, listening, length) == 0
                    && listening.get(ValueLayout.JAVA_INT, 0) == 1
                    && called(name, socket, address, space) == 0
                    && port(address) == port;
        }
    }

    private static int port(MemorySegment address) {
        ByteBuffer bytes = address.asByteBuffer().order(ByteOrder.BIG_ENDIAN);
        return Short.toUnsignedInt(bytes.getShort(PORT_AT));
    }

    private void attach(int socket) throws IOException {
        int refused;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment instruction = arena.allocate(INSTRUCTION_BYTES, Long.BYTES);
            instruction.set(ValueLayout.JAVA_SHORT, 0, RETURN_CONSTANT);
            instruction.set(ValueLayout.JAVA_INT, CONSTANT_AT, SECOND);
            MemorySegment program = arena.allocate(PROGRAM_BYTES, Long.BYTES);
            program.set(ValueLayout.JAVA_SHORT, 0, (short) 1);
            program.set(POINTER, POINTER_AT, instruction);
            refused = called(set, socket, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, program, (int) PROGRAM_BYTES);
        }
        if (refused != 0) {
            throw new IOException("the kernel does not let this process say who gets new connections");
        }
    }

    private static int called(MethodHandle function, Object... arguments) {
        try {
            return (int) function.invokeWithArguments(arguments);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) { // what a method handle declares; a native function throws nothing
            throw new IllegalStateException("a native function cannot be called", e);
        }
    }
}
