package dev.perennial.scorer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A certificate for 127.0.0.1 that signs itself, with its key, as PEM files and as what JDK servers and clients take.
 *
 * @param serving of a server that shows it
 * @param trusting of a client that trusts it alone
 */
record Certificates(Path certificate, Path key, SSLContext serving, SSLContext trusting) {
    private static final char[] PASSWORD = "changeit".toCharArray();
    private static final String NAME = "own";

    /** @param start when it begins to hold, as keytool takes it: {@code now} is "-0d"; it holds for a day */
    static Certificates in(Path folder, String start)
            throws IOException, InterruptedException, GeneralSecurityException {
        Files.createDirectories(folder);
        Path file = folder.resolve("own.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        NAME,
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=scorer",
                        "-ext",
                        "SAN=ip:127.0.0.1",
                        "-startdate",
                        start,
                        "-validity",
                        "1",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        new String(PASSWORD))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("keytool.log").toFile())
                .start();
        if (keytool.waitFor() != 0) {
            throw new IOException(Files.readString(folder.resolve("keytool.log")));
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD);
        }
        Key key = store.getKey(NAME, PASSWORD);
        Certificate certificate = store.getCertificate(NAME);
        return new Certificates(
                pem(folder.resolve("cert.pem"), "CERTIFICATE", certificate.getEncoded()),
                pem(folder.resolve("key.pem"), "PRIVATE KEY", key.getEncoded()),
                serving(store),
                trusting(certificate));
    }

    private static SSLContext serving(KeyStore store) throws GeneralSecurityException {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    private static SSLContext trusting(Certificate certificate) throws GeneralSecurityException, IOException {
        KeyStore known = KeyStore.getInstance("PKCS12");
        known.load(null, null);
        known.setCertificateEntry(NAME, certificate);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(known);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    private static Path pem(Path file, String what, byte[] content) throws IOException {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return Files.writeString(file, "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n");
    }
}
