package dev.perennial.scorer.access;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.access.AccessConfig.TokenConfig;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds out who asks, by the tokens of the newest configuration. A token that was shown before costs one look into a table, 0.2 us; a new
 * one a SHA-256. Thread-safe.
 */
public final class Gate {
    private static final Pattern FORM = Pattern.compile("pnl_(?:pat|svc)_([a-z2-7]{12})_([0-9A-Za-z]{49})");
    private static final String BEARER = "Bearer ";
    private static final String BASIC = "Basic ";
    private static final String TOKEN_MARK = "pnl_";
    private static final int HEADER_MAX = 4096;
    private static final int REMEMBERED_MAX = 10_000;

    private final InstantSource clock;
    private final boolean beyondLoopback;
    private final String internal;
    private final AtomicReference<State> state = new AtomicReference<>(new State(AccessConfig.OPEN));

    /** What holds since the newest configuration, and the headers that were right under it. */
    private static final class State {
        private final AccessConfig config;
        private final Map<String, TokenConfig> tokens = new HashMap<>();
        private final Map<String, Caller> remembered = new ConcurrentHashMap<>();

        State(AccessConfig config) {
            this.config = config;
            config.tokens().forEach(token -> tokens.put(token.id(), token));
        }
    }

    /**
     * @param beyondLoopback whether others than this machine reach the scorer; such a one answers nobody whom it cannot ask for a token
     * @param internal the token of the installation's own processes; empty when none is taken
     */
    public Gate(InstantSource clock, boolean beyondLoopback, String internal) {
        this.clock = clock;
        this.beyondLoopback = beyondLoopback;
        this.internal = internal;
    }

    /** Takes over who may ask; null from a server that does not tell. */
    public void apply(@Nullable AccessConfig config) {
        AccessConfig wanted = config == null ? AccessConfig.OPEN : config;
        if (!state.get().config.equals(wanted)) {
            state.set(new State(wanted));
        }
    }

    /** Whether others than this machine reach the scorer. */
    public boolean beyondLoopback() {
        return beyondLoopback;
    }

    /**
     * The caller of a request.
     *
     * @param authorization the header; null when there is none
     * @throws PerennialException when a token is needed and none that is valid was shown
     */
    public Caller check(@Nullable String authorization) {
        State now = state.get();
        if (!now.config.checked()) {
            return open();
        }
        if (authorization == null) {
            throw unknown("show a token: 'Authorization: Bearer pnl_...'");
        }
        Caller caller = now.remembered.get(authorization);
        if (caller == null) {
            caller = identify(now, authorization);
            if (now.remembered.size() < REMEMBERED_MAX) {
                now.remembered.put(authorization, caller);
            }
        }
        if (clock.millis() >= caller.until()) {
            throw unknown("the token has ended; make another with 'perennial tokens create'");
        }
        return caller;
    }

    /** The caller, or nobody where a request says nothing that is right. */
    public Caller perhaps(@Nullable String authorization) {
        try {
            return check(authorization);
        } catch (PerennialException e) {
            return Caller.NOBODY;
        }
    }

    private Caller open() {
        if (beyondLoopback) {
            throw new PerennialException(
                    ErrorCode.UNAVAILABLE,
                    "this scorer is reached from other machines, and its server has not told it whom to answer; the server"
                            + " needs --auth");
        }
        return Caller.ANYBODY;
    }

    private Caller identify(State now, String header) {
        if (header.length() > HEADER_MAX) {
            throw unknown("the header is too long");
        }
        if (header.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return byToken(now, header.substring(BEARER.length()).strip(), "");
        }
        if (header.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
            return byBasic(now, header.substring(BASIC.length()).strip());
        }
        throw unknown("the scheme is neither Bearer nor Basic");
    }

    private Caller byBasic(State now, String encoded) {
        String pair;
        try {
            pair = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw unknown("the header is not Base64");
        }
        int colon = pair.indexOf(':');
        String secret = pair.substring(colon + 1);
        if (colon < 0 || !secret.startsWith(TOKEN_MARK)) {
            throw unknown("a scorer knows no passwords: set MLFLOW_TRACKING_TOKEN, or give a token as the password");
        }
        return byToken(now, secret, pair.substring(0, colon));
    }

    /** @param owner said beside the token; it must be the owner's name, or say nothing */
    private Caller byToken(State now, String text, String owner) {
        if (!internal.isEmpty() && same(text, internal)) {
            return Caller.INSTALLATION;
        }
        Matcher parts = FORM.matcher(text);
        TokenConfig token = parts.matches() ? now.tokens.get(parts.group(1)) : null;
        boolean right = token != null
                && same(
                        Digest.of(parts.group(2).getBytes(StandardCharsets.UTF_8))
                                .hex(),
                        token.sha256())
                && (owner.isEmpty() || owner.equals("token") || owner.equals(token.name()));
        if (token == null || !right) {
            throw unknown("the token is not valid here: it was revoked, or it is for nothing that is served here");
        }
        return new Caller(token.name(), token.id(), token.grants(), token.until());
    }

    private static boolean same(String a, String b) {
        return MessageDigest.isEqual(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
    }

    private static PerennialException unknown(String why) {
        return new PerennialException(ErrorCode.UNAUTHENTICATED, "You are not authenticated: " + why);
    }
}
