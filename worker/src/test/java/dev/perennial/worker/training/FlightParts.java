package dev.perennial.worker.training;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.perennial.kernel.Json;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** Snapshot parts with a few features, made from the flights of the example by one join. */
final class FlightParts {
    static final List<String> CATEGORIES = List.of("carrier", "origin", "dest");
    static final List<String> NUMBERS = List.of(
            "day_of_week",
            "distance_mi",
            "sched_min_of_day",
            "temp_f",
            "wind_gust_mph",
            "pressure_mb",
            "visibility_mi");

    private FlightParts() {}

    /** One part for each month, of the flights whose MD5 is divisible by {@code oneIn}. */
    static List<Path> write(Path folder, int firstMonth, int lastMonth, int oneIn) throws SQLException {
        Path data = Path.of(System.getProperty("perennial.root"), "examples", "flight-delay", "data");
        java.util.ArrayList<Path> parts = new java.util.ArrayList<>();
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("set TimeZone = 'UTC'");
            for (int month = firstMonth; month <= lastMonth; month++) {
                Path part = folder.resolve("part-2013-%02d.parquet".formatted(month));
                statement.execute(sql(data, month, oneIn, part));
                parts.add(part);
            }
        }
        return parts;
    }

    static ArrayNode features() {
        ArrayNode features = Json.array();
        CATEGORIES.forEach(name -> features.addObject().put("name", name).put("type", "category"));
        NUMBERS.forEach(name -> features.addObject().put("name", name).put("type", "number"));
        return features;
    }

    private static String sql(Path data, int month, int oneIn, Path part) {
        return """
            copy (
              with f as (
                select *, event_time - interval 2 hour as t from read_parquet('%s/flights.parquet')
                where month = %d and cast('0x' || substr(md5(flight_id), 1, 6) as integer) %% %d = 0)
              select f.flight_id, f.event_time::timestamp as event_time, f.t::timestamp as prediction_time,
                     f.label_time::timestamp as label_time, f.flight_date as day, f.late::tinyint as label,
                     f.carrier, f.origin, f.dest, f.day_of_week::float as day_of_week, f.distance_mi::float as distance_mi,
                     (f.local_hour::int * 60 + f.local_minute)::float as sched_min_of_day, w.temp_f::float as temp_f,
                     w.wind_gust_mph::float as wind_gust_mph, w.pressure_mb::float as pressure_mb, w.visibility_mi::float as visibility_mi
              from f asof left join read_parquet('%s/weather.parquet') w on f.origin = w.origin and f.t >= w.available_at
              order by f.event_time, f.flight_id
            ) to '%s' (format parquet)
            """.formatted(data, month, oneIn, data, part);
    }
}
