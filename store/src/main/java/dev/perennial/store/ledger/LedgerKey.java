package dev.perennial.store.ledger;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.PerennialException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/** The Ed25519 key that signs checkpoints. It is kept in a file that only its owner can read, never in the database. */
final class LedgerKey {
    private static final String ALGORITHM = "Ed25519";
    private static final byte NOTE_ALGORITHM = 1;
    private static final int RAW_KEY_BYTES = 32;
    private static final int KEY_ID_BYTES = 4;
    private static final int FILE_LINES = 2;

    private final PrivateKey privateKey;
    private final byte[] rawPublicKey;

    private LedgerKey(KeyPair pair) {
        this.privateKey = pair.getPrivate();
        byte[] encoded = pair.getPublic().getEncoded();
        this.rawPublicKey = Arrays.copyOfRange(encoded, encoded.length - RAW_KEY_BYTES, encoded.length);
    }

    static LedgerKey create(Path file, SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(ALGORITHM);
            generator.initialize(RAW_KEY_BYTES * Byte.SIZE - 1, random);
            KeyPair pair = generator.generateKeyPair();
            Base64.Encoder base64 = Base64.getEncoder();
            SmallFile.write(
                    file,
                    base64.encodeToString(pair.getPrivate().getEncoded()) + "\n"
                            + base64.encodeToString(pair.getPublic().getEncoded()) + "\n",
                    "rw-------");
            return new LedgerKey(pair);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, e);
        }
    }

    static LedgerKey load(Path file) {
        try {
            String[] lines = Files.readString(file, StandardCharsets.US_ASCII).split("\n", -1);
            if (lines.length < FILE_LINES) {
                throw new IOException("two lines expected");
            }
            KeyFactory factory = KeyFactory.getInstance(ALGORITHM);
            PrivateKey privateKey = factory.generatePrivate(
                    new PKCS8EncodedKeySpec(Base64.getDecoder().decode(lines[0])));
            PublicKey publicKey = factory.generatePublic(
                    new X509EncodedKeySpec(Base64.getDecoder().decode(lines[1])));
            LedgerKey key = new LedgerKey(new KeyPair(publicKey, privateKey));
            Signature check = Signature.getInstance(ALGORITHM);
            check.initVerify(publicKey);
            check.update(lines[1].getBytes(StandardCharsets.US_ASCII));
            if (!check.verify(key.sign(lines[1].getBytes(StandardCharsets.US_ASCII)))) {
                throw new IOException("its two halves do not belong together");
            }
            return key;
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw PerennialException.internal(
                    "the ledger's signing key " + file + " cannot be read: " + e.getMessage()
                            + "; restore it from a copy",
                    e);
        }
    }

    byte[] sign(byte[] bytes) {
        try {
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initSign(privateKey);
            signature.update(bytes);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, e);
        }
    }

    /** Text that a verifier needs: {@code NAME+ID+BASE64}. */
    String verifierKey(String name) {
        return name + "+" + HexFormat.of().formatHex(id(name)) + "+"
                + Base64.getEncoder().encodeToString(withAlgorithm(rawPublicKey));
    }

    /** A signed note over a text that ends with a line feed. */
    String signNote(String name, String text) {
        byte[] signature = sign(text.getBytes(StandardCharsets.UTF_8));
        byte[] whole = ByteBuffer.allocate(KEY_ID_BYTES + signature.length)
                .put(id(name))
                .put(signature)
                .array();
        return text + "\n\u2014 " + name + " " + Base64.getEncoder().encodeToString(whole) + "\n";
    }

    /** First bytes of SHA-256 over name, line feed, algorithm and key, as signed notes have it. */
    byte[] id(String name) {
        byte[] key = withAlgorithm(rawPublicKey);
        byte[] start = (name + "\n").getBytes(StandardCharsets.UTF_8);
        byte[] all = ByteBuffer.allocate(start.length + key.length)
                .put(start)
                .put(key)
                .array();
        return Arrays.copyOf(Digest.sha256().digest(all), KEY_ID_BYTES);
    }

    private static byte[] withAlgorithm(byte[] key) {
        return ByteBuffer.allocate(1 + key.length).put(NOTE_ALGORITHM).put(key).array();
    }
}
