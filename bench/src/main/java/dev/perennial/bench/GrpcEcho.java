package dev.perennial.bench;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.grpc.server.GrpcServer;

/** The least that a server of gRPC on the scorer's HTTP library does: sends the message back. */
public final class GrpcEcho {
    private GrpcEcho() {}

    public static void main(String[] arguments) {
        Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
        GrpcServer server = GrpcServer.server(vertx);
        server.callHandler(request -> request.last().onSuccess(request.response()::end));
        vertx.createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(Integer.parseInt(arguments[0])))
                .requestHandler(server)
                .listen();
    }
}
