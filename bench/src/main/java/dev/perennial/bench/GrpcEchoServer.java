package dev.perennial.bench;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.grpc.server.GrpcServer;

/** The least that the library for gRPC on Vert.x can do: sends the message of a unary call back. */
public final class GrpcEchoServer {
    private GrpcEchoServer() {}

    public static void main(String[] arguments) {
        Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
        GrpcServer grpc = GrpcServer.server(vertx);
        grpc.callHandler(
                request -> request.handler(message -> request.response().end(message)));
        vertx.createHttpServer().requestHandler(grpc).listen(Integer.parseInt(arguments[0]), "127.0.0.1");
    }
}
