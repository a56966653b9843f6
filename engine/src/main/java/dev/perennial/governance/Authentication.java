package dev.perennial.governance;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds out who calls: by password, token or session. A wrong name and a wrong password are answered alike, and take as long. Thread-safe. */
public final class Authentication {
    private static final String BASIC = "Basic ";
    private static final String BEARER = "Bearer ";
    private static final int HEADER_MAX = 4096;

    private final Accounts accounts;
    private final Tokens tokens;
    private final Sessions sessions;
    private final Passwords passwords;
    private final VerifiedOnce verified;
    private final Attempts attempts;
    private final AccessLedger ledger;

    Authentication(
            Accounts accounts,
            Tokens tokens,
            Sessions sessions,
            Passwords passwords,
            VerifiedOnce verified,
            Attempts attempts,
            AccessLedger ledger) {
        this.accounts = accounts;
        this.tokens = tokens;
        this.sessions = sessions;
        this.passwords = passwords;
        this.verified = verified;
        this.attempts = attempts;
        this.ledger = ledger;
    }

    /**
     * The caller of a request that carries an Authorization header.
     *
     * @param address where the request came from
     */
    public Caller byHeader(String header, String address) {
        if (header.length() > HEADER_MAX) {
            throw unknown(address, "", "the header is too long");
        }
        if (header.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return byToken(header.substring(BEARER.length()).strip(), null, address);
        }
        if (header.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
            return byBasic(header.substring(BASIC.length()).strip(), address);
        }
        throw unknown(address, "", "the scheme is neither Basic nor Bearer");
    }

    private Caller byBasic(String encoded, String address) {
        String pair;
        try {
            pair = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw unknown(address, "", "the header is not Base64");
        }
        int colon = pair.indexOf(':');
        if (colon < 0) {
            throw unknown(address, "", "the header has no colon");
        }
        String name = pair.substring(0, colon);
        String password = pair.substring(colon + 1);
        return Tokens.looksLikeOne(password)
                ? byToken(password, name, address)
                : Caller.of(byPassword(name, password, address, false), Caller.How.PASSWORD);
    }

    /** @param name said beside the token; it must be the owner's, or say nothing */
    private Caller byToken(String text, @Nullable String name, String address) {
        Token token = tokens.verify(text)
                .filter(live -> name == null || name.isEmpty() || name.equals("token") || name.equals(live.owner()))
                .orElseThrow(() -> unknown(address, name == null ? "" : name, "the token is not valid"));
        Account owner = accounts.find(token.account())
                .filter(account -> !account.disabled())
                .orElseThrow(() -> unknown(address, token.owner(), "the account is disabled"));
        tokens.used(token);
        return Caller.of(owner, Caller.How.TOKEN).by(token);
    }

    /** The account of a name and password; the first success in a while is told in the ledger. */
    private Account byPassword(String name, String password, String address, boolean always) {
        Optional<Account> found = accounts.named(name).filter(account -> !account.disabled());
        if (!always && found.isPresent() && verified.knows(found.get(), password)) {
            return found.get();
        }
        attempts.check(name, address);
        Optional<String> phc = found.flatMap(account -> accounts.phc(account.id()));
        boolean right = password.length() <= Passwords.LENGTH_MAX * 2 && phc.isPresent();
        if (right) {
            right = passwords.matches(password, phc.get());
        } else {
            passwords.pretend("");
        }
        if (!right) {
            attempts.failed(name, address);
            throw unknown(address, name, "name and password do not fit");
        }
        attempts.succeeded(name, address);
        Account account = found.orElseThrow();
        verified.remember(account, password);
        ledger.entry(
                Caller.of(account, Caller.How.PASSWORD),
                "auth.login.ok",
                "user:" + name,
                Json.object().put("address", address).put("by", always ? "session" : "password"));
        return account;
    }

    /** Signs a browser in and returns the secret of its new session. */
    public String signIn(String name, String password, String address) {
        return sessions.begin(byPassword(name, password, address, true));
    }

    public Optional<Caller> bySession(String secret) {
        return sessions.verify(secret).map(account -> Caller.of(account, Caller.How.SESSION));
    }

    public void signOut(Caller caller, String secret) {
        sessions.end(secret);
        ledger.entry(caller, "auth.logout", "user:" + caller.name(), Json.object());
    }

    /**
     * Changes the password of somebody who is signed in and knows the present one. All sessions of the account end.
     *
     * @return the secret of a new session, for who came with one
     */
    public Optional<String> change(Caller caller, String current, String password, String address) {
        if (!knows(caller, current, address)) {
            throw PerennialException.invalid("current", "the current password is not right");
        }
        accounts.password(caller, caller.name(), password);
        return caller.how() == Caller.How.SESSION
                ? Optional.of(sessions.begin(accounts.get(caller.name())))
                : Optional.empty();
    }

    /** Whether somebody who is signed in knows the password, too. */
    public boolean knows(Caller caller, String password, String address) {
        try {
            byPassword(caller.name(), password, address, true);
            return true;
        } catch (PerennialException e) {
            if (e.code() != ErrorCode.UNAUTHENTICATED) {
                throw e;
            }
            return false;
        }
    }

    /** Refuses a request without any proof. */
    public PerennialException nobody(String address) {
        return unknown(address, "", "nothing was shown");
    }

    private PerennialException unknown(String address, String name, String why) {
        ledger.anonymous(address, name, why);
        return new PerennialException(
                ErrorCode.UNAUTHENTICATED,
                "You are not authenticated. Sign in with a user name and password, or with a token");
    }
}
