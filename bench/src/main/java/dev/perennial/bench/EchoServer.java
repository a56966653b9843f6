package dev.perennial.bench;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;

/** The least that a server of the scorer's kind can do: reads the body of a POST and sends it back. */
public final class EchoServer {
    private EchoServer() {}

    public static void main(String[] arguments) {
        Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1))
                .createHttpServer()
                .requestHandler(request -> request.bodyHandler(body -> request.response()
                        .putHeader("Content-Type", "application/json")
                        .end(body)))
                .listen(Integer.parseInt(arguments[0]), "127.0.0.1");
    }
}
