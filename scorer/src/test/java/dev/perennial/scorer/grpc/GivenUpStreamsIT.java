package dev.perennial.scorer.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.scorer.GrpcScorer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** HTTP/2 by hand, so that a call and its end arrive in one piece. */
@Timeout(60)
class GivenUpStreamsIT {
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int GOAWAY = 7;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int CALLS = 20;
    private static final String CHECK = "/grpc.health.v1.Health/Check";
    private static final String REFLECTION = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    /** {@code list_services: ""} in the frame of a message. */
    private static final byte[] LIST_SERVICES = {0, 0, 0, 0, 2, 0x3a, 0};

    private static final byte[] EMPTY = {0, 0, 0, 0, 0};

    @TempDir
    Path folder;

    private final DefaultHttp2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @Test
    void aCallThatIsGivenUpWithItsAnswerUnderWayEndsNoOther() throws Exception {
        try (GrpcScorer scorer = new GrpcScorer(folder);
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), scorer.port())) {
            out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            frame(SETTINGS, 0, 0, new byte[0]);
            int stream = 1;
            for (int i = 0; i < CALLS; i++) {
                call(REFLECTION, stream);
                frame(DATA, 0, stream, LIST_SERVICES);
                frame(DATA, END_STREAM, stream, new byte[0]);
                frame(RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8});
                stream += 2;
            }
            call(CHECK, stream);
            frame(DATA, END_STREAM, stream, EMPTY);
            socket.getOutputStream().write(out.toByteArray());

            assertThat(endOf(stream, new DataInputStream(socket.getInputStream())))
                    .isEqualTo("answered");
        }
    }

    private void call(String path, int stream) throws Http2Exception, IOException {
        Http2Headers headers = new DefaultHttp2Headers()
                .method("POST")
                .scheme("http")
                .authority("127.0.0.1")
                .path(path)
                .set("content-type", "application/grpc")
                .set("te", "trailers");
        ByteBuf block = Unpooled.buffer();
        encoder.encodeHeaders(stream, headers, block);
        byte[] bytes = new byte[block.readableBytes()];
        block.readBytes(bytes);
        frame(HEADERS, END_HEADERS, stream, bytes);
    }

    private void frame(int type, int flags, int stream, byte[] payload) throws IOException {
        out.write(payload.length >> 16);
        out.write(payload.length >> 8);
        out.write(payload.length);
        out.write(type);
        out.write(flags);
        for (int shift = 24; shift >= 0; shift -= 8) {
            out.write(stream >> shift);
        }
        out.write(payload);
    }

    private static String endOf(int stream, DataInputStream in) throws IOException {
        while (true) {
            int first = in.read();
            if (first < 0) {
                return "the connection was closed";
            }
            int length = first << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            int flags = in.readUnsignedByte();
            int of = in.readInt();
            in.skipNBytes(length);
            if (type == GOAWAY) {
                return "the connection was given up";
            }
            if (of == stream && type == HEADERS && (flags & END_STREAM) != 0) {
                return "answered";
            }
        }
    }
}
