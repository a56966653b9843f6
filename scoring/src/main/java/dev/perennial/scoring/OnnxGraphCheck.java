package dev.perennial.scoring;

import dev.perennial.kernel.PerennialException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads an ONNX file before native code sees it, and refuses what no honest exporter writes: data in other files, tensors larger than the
 * file that holds them, operators that ONNX Runtime does not bring itself, circles, deep nesting, functions that unfold without end. What
 * only running can show (a huge tensor made by an operator, a loop that never ends) is left to the limits of admission. Works in time and
 * memory bounded by the file. Not thread-safe.
 */
final class OnnxGraphCheck {
    /** Real networks have some ten thousand. */
    static final int NODES_MAX = 200_000;

    /** Graphs within graphs, as branches and loops have them. */
    static final int NESTING_MAX = 16;

    private static final int VALUES_MAX = 2_000_000;
    private static final int NAME_BYTES_MAX = 4 << 10;
    private static final int TYPE_NESTING_MAX = 16;
    private static final int FUNCTIONS_MAX = 10_000;
    private static final int CALLS_NESTED_MAX = 64;
    private static final Set<String> DOMAINS =
            Set.of("", "ai.onnx", "ai.onnx.ml", "ai.onnx.training", "ai.onnx.preview.training", "com.microsoft");

    private final Map<String, Function> functions = new HashMap<>();
    private final Set<String> shapeless = new HashSet<>();
    private int nodes;
    private int values;

    /** Of a function: how many nodes it has itself, what it calls, and what it unfolds to once that is known. */
    private static final class Function {
        private long own;
        private final List<String> calls = new ArrayList<>();
        private boolean open;
        private long unfolded;
        private int depth;
    }

    /** What a node takes (its inner graphs too) and gives. */
    private record Node(List<String> takes, List<String> gives) {}

    /** The names that stand in a graph. */
    private static final class Scope {
        private final Set<String> given = new HashSet<>();
        private final List<Node> nodes = new ArrayList<>();
    }

    private OnnxGraphCheck() {}

    /**
     * @return names of the graph's inputs and outputs that declare no shape
     * @throws PerennialException saying what is refused
     */
    static Set<String> check(ByteBuffer file) {
        OnnxGraphCheck check = new OnnxGraphCheck();
        try {
            check.model(file);
        } catch (ProtoFields.Malformed e) {
            throw OnnxRuntime.refused("it is no ONNX file: " + e.getMessage());
        }
        return check.shapeless;
    }

    private void model(ByteBuffer file) {
        ProtoFields first = new ProtoFields(file);
        boolean graph = false;
        for (int field = first.next(); field != 0; field = first.next()) {
            if (field == 25) {
                declare(first.message());
            }
        }
        ProtoFields model = new ProtoFields(file);
        Function main = new Function();
        for (int field = model.next(); field != 0; field = model.next()) {
            switch (field) {
                case 7 -> {
                    graph = true;
                    graph(model.message(), 0, main);
                }
                case 20 -> training(model.message(), main);
                case 25 -> function(model.message());
                default -> {}
            }
        }
        if (!graph) {
            throw OnnxRuntime.refused("it has no graph");
        }
        unfold("of the graph", main, 0);
    }

    private void declare(ProtoFields function) {
        functions.put(key(function, 10, 1), new Function());
        if (functions.size() > FUNCTIONS_MAX) {
            throw OnnxRuntime.refused("it has more than " + FUNCTIONS_MAX + " functions");
        }
    }

    private static String key(ProtoFields message, int domainField, int nameField) {
        String domain = "";
        String name = "";
        for (int field = message.next(); field != 0; field = message.next()) {
            if (field == domainField) {
                domain = message.text(NAME_BYTES_MAX);
            } else if (field == nameField) {
                name = message.text(NAME_BYTES_MAX);
            }
        }
        return domain + ":" + name;
    }

    private void function(ProtoFields message) {
        Scope scope = new Scope();
        List<ProtoFields> bodies = new ArrayList<>();
        String domain = "";
        String name = "";
        for (int field = message.next(); field != 0; field = message.next()) {
            switch (field) {
                case 1 -> name = message.text(NAME_BYTES_MAX);
                case 4 -> scope.given.add(value(message));
                case 7 -> bodies.add(message.message());
                case 10 -> domain = message.text(NAME_BYTES_MAX);
                case 11 -> attribute(message.message(), 0, new ArrayList<>(), new Function());
                default -> {}
            }
        }
        Function function = functions.getOrDefault(domain + ":" + name, new Function());
        for (ProtoFields body : bodies) {
            scope.nodes.add(node(body, 0, function));
        }
        order(scope);
    }

    private void training(ProtoFields message, Function caller) {
        for (int field = message.next(); field != 0; field = message.next()) {
            if (field == 1 || field == 2) {
                graph(message.message(), 0, caller);
            }
        }
    }

    /** Checks a graph; returns the names that it takes from the graphs around it. */
    private Set<String> graph(ProtoFields graph, int depth, Function caller) {
        if (depth > NESTING_MAX) {
            throw OnnxRuntime.refused("its graphs are nested deeper than " + NESTING_MAX);
        }
        Scope scope = new Scope();
        for (int field = graph.next(); field != 0; field = graph.next()) {
            switch (field) {
                case 1 -> scope.nodes.add(node(graph.message(), depth, caller));
                case 5 -> scope.given.add(counted(OnnxTensorCheck.check(graph.message())));
                case 11 -> scope.given.add(declared(graph.message(), depth));
                case 12 -> declared(graph.message(), depth);
                case 13 -> declared(graph.message(), 1);
                case 15 -> scope.given.add(counted(OnnxTensorCheck.checkSparse(graph.message())));
                default -> {}
            }
        }
        return order(scope);
    }

    private Node node(ProtoFields node, int depth, Function caller) {
        if (++nodes > NODES_MAX) {
            throw OnnxRuntime.refused("it has more than " + NODES_MAX + " nodes");
        }
        List<String> takes = new ArrayList<>();
        List<String> gives = new ArrayList<>();
        String operator = "";
        String domain = "";
        for (int field = node.next(); field != 0; field = node.next()) {
            switch (field) {
                case 1 -> takes.add(value(node));
                case 2 -> gives.add(value(node));
                case 4 -> operator = node.text(NAME_BYTES_MAX);
                case 5 -> attribute(node.message(), depth, takes, caller);
                case 7 -> domain = node.text(NAME_BYTES_MAX);
                default -> {}
            }
        }
        caller.own++;
        String called = domain + ":" + operator;
        if (functions.containsKey(called)) {
            caller.calls.add(called);
        } else if (!DOMAINS.contains(domain)) {
            throw OnnxRuntime.refused("its operator '" + operator + "' of the domain '" + domain
                    + "' is a custom one; only the operators of ONNX and ONNX Runtime are possible");
        }
        return new Node(takes, gives);
    }

    private void attribute(ProtoFields attribute, int depth, List<String> takes, Function caller) {
        for (int field = attribute.next(); field != 0; field = attribute.next()) {
            switch (field) {
                case 5, 10 -> OnnxTensorCheck.check(attribute.message());
                case 6, 11 -> takes.addAll(graph(attribute.message(), depth + 1, caller));
                case 14, 15 -> type(attribute.message(), 0);
                case 22, 23 -> OnnxTensorCheck.checkSparse(attribute.message());
                default -> {}
            }
        }
    }

    /** Checks a {@code ValueInfoProto} and returns its name. */
    private String declared(ProtoFields info, int depth) {
        String name = "";
        boolean shape = false;
        for (int field = info.next(); field != 0; field = info.next()) {
            if (field == 1) {
                name = value(info);
            } else if (field == 2) {
                shape = type(info.message(), 0);
            }
        }
        if (depth == 0 && !shape) {
            shapeless.add(name);
        }
        return name;
    }

    /** Checks a {@code TypeProto}; whether it is a tensor with a shape. */
    private static boolean type(ProtoFields type, int depth) {
        if (depth > TYPE_NESTING_MAX) {
            throw OnnxRuntime.refused("its types are nested deeper than " + TYPE_NESTING_MAX);
        }
        boolean shape = false;
        for (int field = type.next(); field != 0; field = type.next()) {
            if (!type.holdsBytes()) {
                continue;
            }
            ProtoFields inner = type.message();
            for (int member = inner.next(); member != 0; member = inner.next()) {
                shape |= field == 1 && member == 2;
                boolean element = member == 1 && (field == 4 || field == 9) || member == 2 && field == 5;
                if (element && inner.holdsBytes()) {
                    type(inner.message(), depth + 1);
                }
            }
        }
        return shape;
    }

    private String value(ProtoFields field) {
        return counted(field.text(NAME_BYTES_MAX));
    }

    private String counted(String name) {
        if (++values > VALUES_MAX) {
            throw OnnxRuntime.refused("it names more than " + VALUES_MAX + " values");
        }
        return name;
    }

    /** Puts the nodes into an order in which each finds what it takes; returns what must come from outside. */
    private static Set<String> order(Scope scope) {
        Map<String, Integer> makers = new HashMap<>();
        for (int i = 0; i < scope.nodes.size(); i++) {
            for (String name : scope.nodes.get(i).gives) {
                if (!name.isEmpty() && (makers.put(name, i) != null || scope.given.contains(name))) {
                    throw OnnxRuntime.refused("its value '" + name + "' is made twice");
                }
            }
        }
        Set<String> outside = new HashSet<>();
        List<List<Integer>> users = new ArrayList<>();
        int[] waits = new int[scope.nodes.size()];
        scope.nodes.forEach(node -> users.add(new ArrayList<>(1)));
        for (int i = 0; i < waits.length; i++) {
            for (String name : scope.nodes.get(i).takes) {
                Integer maker = makers.get(name);
                if (maker != null) {
                    users.get(maker).add(i);
                    waits[i]++;
                } else if (!name.isEmpty() && !scope.given.contains(name)) {
                    outside.add(name);
                }
            }
        }
        List<Integer> ready = new ArrayList<>();
        for (int i = 0; i < waits.length; i++) {
            if (waits[i] == 0) {
                ready.add(i);
            }
        }
        for (int done = 0; done < ready.size(); done++) {
            for (int user : users.get(ready.get(done))) {
                if (--waits[user] == 0) {
                    ready.add(user);
                }
            }
        }
        if (ready.size() < waits.length) {
            throw OnnxRuntime.refused("its graph runs in a circle through " + circle(scope.nodes, waits));
        }
        return outside;
    }

    private static String circle(List<Node> nodes, int[] waits) {
        for (int i = 0; i < waits.length; i++) {
            if (waits[i] > 0 && !nodes.get(i).gives.isEmpty()) {
                return "'" + nodes.get(i).gives.getFirst() + "'";
            }
        }
        return "nodes without outputs";
    }

    private void unfold(String name, Function function, int depth) {
        if (function.open || depth > CALLS_NESTED_MAX) {
            throw OnnxRuntime.refused(
                    "its function " + name + " calls itself, or calls are nested deeper than " + CALLS_NESTED_MAX);
        }
        function.open = true;
        function.unfolded = function.own;
        for (String called : function.calls) {
            Function callee = functions.getOrDefault(called, new Function());
            if (callee.open || callee.unfolded == 0) {
                unfold(called, callee, depth + 1);
            }
            function.depth = Math.max(function.depth, callee.depth + 1);
            function.unfolded += callee.unfolded;
            if (function.unfolded > NODES_MAX || depth + function.depth > CALLS_NESTED_MAX) {
                throw OnnxRuntime.refused("its functions unfold to more than " + NODES_MAX
                        + " nodes, or are nested deeper than " + CALLS_NESTED_MAX);
            }
        }
        function.open = false;
    }
}
