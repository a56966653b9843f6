package dev.perennial.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PerennialException;
import dev.perennial.predictionlog.Tally;
import dev.perennial.server.access.Needs;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Rows of an endpoint that are counted exactly where not all of them are in the log, by minutes of the scorers' clocks. */
@Path("/api/endpoints/{endpoint}/tallies")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class EndpointTalliesResource {
    private static final int ITEMS_MAX = 1_000;
    private static final int EVERY = 15;
    private static final Duration BY_DEFAULT = Duration.ofDays(1);
    private static final long MINUTE_MILLIS = 60_000;

    private final Rooms rooms;

    @Inject
    public EndpointTalliesResource(Rooms rooms) {
        this.rooms = rooms;
    }

    /**
     * Nothing is told of minutes of which the log holds every row.
     *
     * @param from epoch millis; a day before the end when it is not given
     * @param to epoch millis; now when it is not given
     * @param every minutes that are added up
     */
    @GET
    @Needs(on = Needs.On.ENDPOINT)
    public String show(
            @PathParam("endpoint") String name,
            @QueryParam("from") @Nullable Long from,
            @QueryParam("to") @Nullable Long to,
            @QueryParam("every") @Nullable Integer every) {
        ModelId endpoint = rooms.endpoints().get(ModelId.parse(name)).name();
        long end = to == null ? rooms.clock().millis() : to;
        long begin = from == null ? end - BY_DEFAULT.toMillis() : from;
        int minutes = every == null ? EVERY : every;
        check(begin, end, minutes);
        ObjectNode body = Json.object()
                .put("endpoint", endpoint.toString())
                .put("from", begin)
                .put("to", end)
                .put("every", minutes)
                .put("records", rooms.predictions().count(endpoint));
        List<Tally> tallies = rooms.predictions().tallies(endpoint, begin, end, minutes);
        ArrayNode items = body.putArray("items");
        tallies.forEach(tally -> tell(items.addObject().put("at", tally.minute() * MINUTE_MILLIS), tally));
        ArrayNode sums = body.putArray("sums");
        sums(tallies).forEach(tally -> tell(sums.addObject(), tally));
        return body.toString();
    }

    private static void check(long begin, long end, int minutes) {
        if (begin < 0 || begin >= end) {
            throw PerennialException.invalid("from", "'from' " + begin + " must be a time before 'to' " + end);
        }
        if (minutes < 1 || (end - begin) / MINUTE_MILLIS / minutes > ITEMS_MAX) {
            throw PerennialException.invalid(
                    "every",
                    "'every' " + minutes + " must be 1 or more, and so many minutes that there are at most " + ITEMS_MAX
                            + " of them from 'from' to 'to'");
        }
    }

    /** By version and role; their minute says nothing. */
    private static Collection<Tally> sums(List<Tally> tallies) {
        Map<String, Tally> sums = new TreeMap<>();
        for (Tally tally : tallies) {
            sums.merge(tally.version() + " " + tally.role(), tally, Tally::plus);
        }
        return sums.values();
    }

    private static void tell(ObjectNode shown, Tally tally) {
        shown.put("version", tally.version())
                .put("role", tally.role().word())
                .put("answered", tally.rows())
                .put("logged", tally.logged())
                .put("errors", tally.errors())
                .put("share", tally.rows() == 0 ? null : (Double) ((double) tally.logged() / tally.rows()));
    }
}
