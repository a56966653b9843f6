package dev.perennial.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A line of bench/filters.md: a search among the runs of {@link SeedRun}. */
record Search(String name, String filter, String order, String share, double goalMillis) {
    private static final int COLUMNS = 5;

    /** The request for a page; an empty token asks for the first. */
    String body(int limit, String token) {
        ObjectNode body = Json.object();
        body.putArray("experiment_ids").add("0");
        body.put("filter", filter).put("max_results", limit);
        if (!order.isEmpty()) {
            body.putArray("order_by").add(order);
        }
        if (!token.isEmpty()) {
            body.put("page_token", token);
        }
        return body.toString();
    }

    static List<Search> all() throws IOException {
        List<Search> searches = new ArrayList<>();
        boolean rows = false;
        for (String line : Files.readAllLines(Path.of("bench/filters.md"))) {
            if (rows && line.startsWith("|")) {
                String[] cells = line.substring(1).split("\\|", -1);
                searches.add(new Search(
                        cells[0].strip(),
                        cells[1].strip(),
                        cells[2].strip(),
                        cells[COLUMNS - 2].strip(),
                        Double.parseDouble(cells[COLUMNS - 1].strip())));
            }
            rows |= line.startsWith("| ---") || line.startsWith("|---");
        }
        return searches;
    }
}
