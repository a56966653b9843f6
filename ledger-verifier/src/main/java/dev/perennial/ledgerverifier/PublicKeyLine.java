package dev.perennial.ledgerverifier;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

/** A verifier key in one line, {@code NAME+ID+BASE64(1 || Ed25519 key)}. */
record PublicKeyLine(String name, byte[] id, PublicKey key, String line) {
    private static final byte[] X509_START = HexFormat.of().parseHex("302a300506032b6570032100");
    private static final int RAW_BYTES = 32;
    private static final int ID_BYTES = 4;

    static PublicKeyLine parse(String line) {
        String[] parts = line.split("\\+", 3);
        if (parts.length != 3) {
            throw new Unusable("'" + line + "' is not a key of the form NAME+ID+BASE64");
        }
        byte[] bytes = Hashes.fromBase64(parts[2]);
        byte[] id = Arrays.copyOf(Hashes.sha256((parts[0] + "\n").getBytes(StandardCharsets.UTF_8), bytes), ID_BYTES);
        if (bytes.length != RAW_BYTES + 1 || bytes[0] != 1 || !Hashes.hex(id).equals(parts[1])) {
            throw new Unusable("the key '" + line + "' is damaged: its id should be " + Hashes.hex(id));
        }
        byte[] encoded = Arrays.copyOf(X509_START, X509_START.length + RAW_BYTES);
        System.arraycopy(bytes, 1, encoded, X509_START.length, RAW_BYTES);
        try {
            PublicKey key = KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
            return new PublicKeyLine(parts[0], id, key, line);
        } catch (GeneralSecurityException e) {
            throw new Unusable("the key '" + line + "' is not an Ed25519 key", e);
        }
    }

    boolean verify(byte[] bytes, byte[] signature) throws GeneralSecurityException {
        Signature check = Signature.getInstance("Ed25519");
        check.initVerify(key);
        check.update(bytes);
        return check.verify(signature);
    }
}
