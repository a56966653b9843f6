package dev.perennial.serving;

import dev.perennial.kernel.PerennialException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who gets which part of an endpoint's traffic: pure rules over its variants. There is one champion once anything was deployed, and it
 * takes what the canaries leave.
 *
 * @param kept a version that stays loaded whatever happens, because the endpoint falls back to it
 */
record Placement(List<Variant> variants, @Nullable VersionRef kept) {
    Placement {
        variants = List.copyOf(variants);
    }

    Optional<Variant> champion() {
        return variants.stream()
                .filter(variant -> variant.role() == Variant.Role.champion)
                .findFirst();
    }

    Optional<Variant> find(VersionRef version) {
        return variants.stream()
                .filter(variant -> variant.version().equals(version))
                .findFirst();
    }

    private Variant get(String endpoint, VersionRef version) {
        return find(version)
                .orElseThrow(() -> PerennialException.notFound("endpoint '" + endpoint + "' has no version '" + version
                        + "'; it has " + variants.stream().map(Variant::version).toList()));
    }

    /** With a version more: the champion where there is none, else a canary or, without weight, a shadow. */
    Placement with(Variant added, int weight) {
        List<Variant> all = new ArrayList<>(variants);
        all.removeIf(variant -> variant.version().equals(added.version()));
        if (champion().isEmpty()) {
            all.add(added.as(Variant.Role.champion, Variant.ALL));
        } else {
            all.add(added.as(weight > 0 ? Variant.Role.canary : Variant.Role.shadow, weight));
        }
        return new Placement(all, kept).rest();
    }

    /** A version takes all traffic; the champion before stays warm, other candidates get copies only. */
    Placement crowned(String endpoint, VersionRef version) {
        get(endpoint, version);
        List<Variant> all = new ArrayList<>();
        for (Variant variant : variants) {
            if (variant.version().equals(version)) {
                all.add(variant.as(Variant.Role.champion, Variant.ALL));
            } else if (variant.role() == Variant.Role.champion) {
                all.add(variant.as(Variant.Role.warm, 0));
            } else if (variant.role() != Variant.Role.warm) {
                all.add(variant.as(Variant.Role.shadow, 0));
            } else if (variant.version().equals(kept)) {
                all.add(variant);
            }
        }
        return new Placement(all, kept);
    }

    /** The champion before takes all traffic again, and candidates get nothing. */
    Placement back(String endpoint, VersionRef previous) {
        return new Placement(
                crowned(endpoint, previous).variants.stream()
                        .filter(variant -> variant.role() != Variant.Role.shadow
                                || variant.version().equals(kept))
                        .toList(),
                kept);
    }

    /** Gives candidates other shares; those that are not named keep theirs. */
    Placement weighted(String endpoint, Map<VersionRef, Integer> weights) {
        Map<VersionRef, Variant> next = new LinkedHashMap<>();
        variants.forEach(variant -> next.put(variant.version(), variant));
        weights.forEach((version, weight) -> {
            Variant variant = get(endpoint, version);
            if (variant.role() == Variant.Role.champion) {
                throw PerennialException.invalid(
                        "weights",
                        "version '" + version + "' is the champion, which takes what the others leave; name the others,"
                                + " or promote another version");
            }
            if (weight < 0 || weight > Variant.ALL) {
                throw PerennialException.invalid(
                        "weights",
                        "weight " + weight + " of version '" + version + "' must be 0 to " + Variant.ALL
                                + " basis points");
            }
            next.put(version, variant.as(weight > 0 ? Variant.Role.canary : Variant.Role.shadow, weight));
        });
        return new Placement(List.copyOf(next.values()), kept).rest();
    }

    /** Without a version that is not needed. */
    Placement without(String endpoint, VersionRef version) {
        Variant variant = get(endpoint, version);
        if (variant.role() == Variant.Role.champion) {
            throw PerennialException.state("version '" + version + "' is the champion of endpoint '" + endpoint
                    + "'; promote another one before it is removed, or delete the endpoint");
        }
        if (version.equals(kept)) {
            throw PerennialException.state("endpoint '" + endpoint + "' falls back to version '" + version
                    + "'; change its fallback before it is removed");
        }
        return new Placement(
                        variants.stream()
                                .filter(one -> !one.version().equals(version))
                                .toList(),
                        kept)
                .rest();
    }

    /** Gives the champion what the canaries leave. */
    private Placement rest() {
        int taken = variants.stream()
                .filter(variant -> variant.role() == Variant.Role.canary)
                .mapToInt(Variant::weight)
                .sum();
        if (taken > Variant.ALL) {
            throw PerennialException.invalid(
                    "weights",
                    "the candidates would take " + taken + " of " + Variant.ALL + " basis points; give some of them"
                            + " less");
        }
        return new Placement(
                variants.stream()
                        .map(variant -> variant.role() == Variant.Role.champion
                                ? variant.as(Variant.Role.champion, Variant.ALL - taken)
                                : variant)
                        .toList(),
                kept);
    }
}
