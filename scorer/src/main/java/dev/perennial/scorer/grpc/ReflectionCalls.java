package dev.perennial.scorer.grpc;

import dev.perennial.kernel.PerennialException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Server reflection, whose versions v1 and v1alpha have the same messages. Thread-safe. */
final class ReflectionCalls {
    private static final int FILE_BY_NAME = 3;
    private static final int FILE_OF_SYMBOL = 4;
    private static final int FILE_OF_EXTENSION = 5;
    private static final int EXTENSIONS = 6;
    private static final int SERVICES = 7;

    private final Descriptors descriptors;

    ReflectionCalls(Descriptors descriptors) {
        this.descriptors = descriptors;
    }

    GrpcCall.Inbound open(GrpcCall call) {
        return new GrpcCall.Inbound() {
            @Override
            public void message(byte[] message) {
                ProtoWriter out = new ProtoWriter();
                answer(message, out);
                call.release();
                if (!call.send(out.frame(call.answers()))) {
                    call.request().pause();
                    call.whenDrained(() -> call.request().resume());
                }
            }

            @Override
            public void halfClosed() {
                call.end();
            }

            @Override
            public void closed() {
                call.release();
            }
        };
    }

    void answer(byte[] message, ProtoWriter out) {
        ProtoReader in = new ProtoReader(message);
        String host = "";
        int asked = 0;
        String word = "";
        while (in.next()) {
            switch (in.field()) {
                case 1 -> host = in.text();
                case FILE_BY_NAME, FILE_OF_SYMBOL, EXTENSIONS, SERVICES -> {
                    asked = in.field();
                    word = in.text();
                }
                case FILE_OF_EXTENSION -> {
                    asked = FILE_OF_EXTENSION;
                    word = ModelCalls.Named.read(extension(in)).name();
                }
                default -> in.skip();
            }
        }
        out.text(1, host);
        out.bytes(2, message);
        answer(asked, word, out);
    }

    private static ProtoReader extension(ProtoReader in) {
        ProtoReader message = in.message();
        ProtoReader look = message.again();
        while (look.next()) {
            if (look.field() == 2) {
                look.whole();
                return new ProtoReader(new byte[0]); // no file has extensions, whatever their number
            }
            look.skip();
        }
        return message;
    }

    private void answer(int asked, String word, ProtoWriter out) {
        switch (asked) {
            case FILE_BY_NAME -> file(descriptors.file(word), "file", word, out);
            case FILE_OF_SYMBOL -> {
                String holder = descriptors.holder(word);
                file(holder == null ? null : descriptors.file(holder), "symbol", word, out);
            }
            case SERVICES ->
                out.message(
                        6,
                        list -> descriptors
                                .services()
                                .forEach(name -> list.message(1, service -> service.text(1, name))));
            case FILE_OF_EXTENSION, EXTENSIONS -> error("there are no extensions", out);
            default -> throw PerennialException.invalid("message_request", "the request asks for nothing");
        }
    }

    private static void file(byte @Nullable [] descriptor, String what, String word, ProtoWriter out) {
        if (descriptor == null) {
            error("there is no " + what + " '" + word + "'", out);
        } else {
            out.message(4, files -> files.bytes(1, descriptor));
        }
    }

    private static void error(String text, ProtoWriter out) {
        out.message(7, error -> {
            error.whole(1, GrpcStatus.NOT_FOUND.number());
            error.bytes(2, text.getBytes(StandardCharsets.UTF_8));
        });
    }
}
