package dev.perennial.tracking;

import java.util.List;

/** Files in the blob store. */
abstract class BlobArtifactContract extends ArtifactContract {
    @Override
    void many(String folder, List<String> names) {
        put("seed", "");
        String empty = dev.perennial.kernel.Digest.of(new byte[0]).hex();
        store.database().writing(tx -> {
            var batch = tx.sql()
                    .prepareBatch("insert into artifact (parent, name, blob, size) values (:parent, :name, :blob, 0)");
            names.forEach(name -> batch.bind("parent", folder)
                    .bind("name", name)
                    .bind("blob", empty)
                    .add());
            batch.execute();
        });
    }
}
