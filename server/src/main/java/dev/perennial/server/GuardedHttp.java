package dev.perennial.server;

import dev.perennial.kernel.PerennialException;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The one way in which this server calls addresses that people gave it. A name is looked up once, every address behind it is checked, and
 * the connection goes to the address that was checked: a name that changes its mind meanwhile leads nowhere else. Redirects are not
 * followed, answers are not read beyond their status. Thread-safe; calls block.
 */
final class GuardedHttp implements AutoCloseable {
    private static final String WHAT = "webhook";
    private static final int CONNECT_MILLIS_MAX = 5_000;
    private static final int CONNECTIONS_MAX = 64;
    private static final int HTTPS_PORT = 443;
    private static final int HTTP_PORT = 80;
    private static final int SUCCESS = 300;
    private static final int IPV4_BYTES = 4;

    /** Networks that are nobody's public address, first byte and second byte from and to. */
    private static final int[][] CLOSED = {
        {0, 0, 255},
        {10, 0, 255},
        {100, 64, 127},
        {127, 0, 255},
        {169, 254, 254},
        {172, 16, 31},
        {192, 0, 0},
        {192, 168, 168},
        {198, 18, 19}
    };

    private final HttpClient client;
    private final boolean privateAllowed;

    GuardedHttp(Vertx vertx, boolean privateAllowed) {
        this.client = vertx.createHttpClient(new HttpClientOptions()
                .setConnectTimeout(CONNECT_MILLIS_MAX)
                .setKeepAlive(false)
                .setMaxPoolSize(CONNECTIONS_MAX)
                .setVerifyHost(true));
        this.privateAllowed = privateAllowed;
    }

    /**
     * What came back.
     *
     * @param status null when no answer came
     * @param error empty when the answer was a success
     */
    record Answer(@Nullable Integer status, Optional<String> error) {}

    private record Target(URI uri, InetAddress ip) {
        boolean secure() {
            return "https".equals(uri.getScheme());
        }

        int port() {
            return uri.getPort() >= 0 ? uri.getPort() : secure() ? HTTPS_PORT : HTTP_PORT;
        }

        String path() {
            String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
            return uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery();
        }
    }

    boolean privateAllowed() {
        return privateAllowed;
    }

    /**
     * Refuses what is no http address, and private addresses unless they are allowed.
     *
     * @param field of the input
     */
    void check(String field, String address) {
        target(field, address);
    }

    private Target target(String field, String address) {
        try {
            URI uri = URI.create(address);
            if (uri.getHost() == null
                    || uri.getUserInfo() != null
                    || !("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                throw PerennialException.invalid(
                        field, WHAT + " '" + address + "' must be an http or https address without a user");
            }
            InetAddress[] ips = InetAddress.getAllByName(uri.getHost());
            for (InetAddress ip : ips) {
                if (isPrivate(ip) && !privateAllowed) {
                    throw PerennialException.invalid(
                            field,
                            WHAT + " '" + address
                                    + "' leads to a private address; allow it with perennial.webhook-private=true");
                }
            }
            return new Target(uri, ips[0]);
        } catch (IllegalArgumentException | UnknownHostException e) {
            throw PerennialException.invalid(field, WHAT + " '" + address + "' cannot be used: " + e.getMessage());
        }
    }

    static boolean isPrivate(InetAddress ip) {
        byte[] bytes = ip.getAddress();
        if (bytes.length == IPV4_BYTES) {
            return isClosed(bytes);
        }
        boolean uniqueLocal = (bytes[0] & 0xfe) == 0xfc;
        return uniqueLocal
                || ip.isLoopbackAddress()
                || ip.isSiteLocalAddress()
                || ip.isLinkLocalAddress()
                || ip.isAnyLocalAddress()
                || ip.isMulticastAddress()
                || inside(bytes).stream().anyMatch(GuardedHttp::isClosed);
    }

    /** The IPv4 address that an IPv6 address of a transition stands for: 6to4, NAT64, and the old compatible form. */
    private static List<byte[]> inside(byte[] ip) {
        if (ip[0] == 0x20 && ip[1] == 0x02) {
            return List.of(Arrays.copyOfRange(ip, 2, 6));
        }
        boolean nat64 = ip[0] == 0 && ip[1] == 0x64 && (ip[2] & 0xff) == 0xff && (ip[3] & 0xff) == 0x9b;
        boolean compatible = Arrays.equals(ip, 0, 12, new byte[12], 0, 12);
        return nat64 || compatible ? List.of(Arrays.copyOfRange(ip, 12, 16)) : List.of();
    }

    private static boolean isClosed(byte[] ipv4) {
        int first = ipv4[0] & 0xff;
        int second = ipv4[1] & 0xff;
        // From 224 on are multicast, reserved and broadcast addresses.
        return first >= 224
                || Arrays.stream(CLOSED)
                        .anyMatch(range -> first == range[0] && second >= range[1] && second <= range[2]);
    }

    /** Posts JSON; whatever goes wrong is told in the answer. */
    Answer post(String field, String address, Map<String, String> headers, String body, Duration patience) {
        try {
            Target target = target(field, address);
            int status = status(target, headers, body, patience);
            return new Answer(
                    status, status < SUCCESS ? Optional.empty() : Optional.of("the webhook answered " + status));
        } catch (PerennialException e) {
            return new Answer(null, Optional.of(String.valueOf(e.getMessage())));
        } catch (ExecutionException e) {
            return new Answer(null, Optional.of("the webhook cannot be reached: " + reason(e)));
        } catch (TimeoutException e) {
            return new Answer(null, Optional.of("the webhook did not answer within " + patience.toSeconds() + " s"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Answer(null, Optional.of("interrupted"));
        }
    }

    /** What a person can use of it: the message, without names of classes. */
    private static String reason(ExecutionException e) {
        Throwable cause = e.getCause();
        return cause == null || cause.getMessage() == null ? "no connection" : cause.getMessage();
    }

    private int status(Target target, Map<String, String> headers, String body, Duration patience)
            throws ExecutionException, InterruptedException, TimeoutException {
        RequestOptions options = new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setServer(SocketAddress.inetSocketAddress(
                        target.port(), target.ip().getHostAddress()))
                .setHost(target.uri().getHost().replaceAll("[\\[\\]]", ""))
                .setPort(target.port())
                .setSsl(target.secure())
                .setURI(target.path())
                .setFollowRedirects(false)
                .setTimeout(patience.toMillis())
                .putHeader("Content-Type", "application/json");
        headers.forEach(options::putHeader);
        return client.request(options)
                .compose(request -> request.send(Buffer.buffer(body)))
                .map(response -> {
                    response.request().connection().close(); // an answer without end must not hold us
                    return response.statusCode();
                })
                .toCompletionStage()
                .toCompletableFuture()
                .get(patience.toMillis() + CONNECT_MILLIS_MAX, TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        client.close();
    }
}
