"""Runs one MLflow model for a scorer: perennial_child.py SOCKET PARENT

Frames, little-endian: u32 length of the rest, u32 length of the header, header (JSON), tensors one after the other.
Uses the standard library and what a model of MLflow needs anyway: numpy, pandas, mlflow.
"""

import json
import os
import socket
import struct
import sys
import threading
import traceback

PROTOCOL = 1
TEXT_MAX = 500
MISSING = 0xFFFFFFFF
NUMBERS = {
    "BOOL": "?", "UINT8": "u1", "UINT16": "<u2", "UINT32": "<u4", "UINT64": "<u8", "INT8": "i1", "INT16": "<i2",
    "INT32": "<i4", "INT64": "<i8", "FP16": "<f2", "FP32": "<f4", "FP64": "<f8",
}


class Fault(Exception):
    """What is told as it is: the caller's fault ("input") or the model's ("model")."""

    def __init__(self, fault, text):
        super().__init__(text)
        self.fault = fault


def end_with(parent):
    """Ends this process when its parent does, however that happens."""
    try:
        import ctypes

        ctypes.CDLL(None, use_errno=True).prctl(1, 9, 0, 0, 0)  # PR_SET_PDEATHSIG, SIGKILL
    except (ImportError, OSError, AttributeError):
        pass  # not Linux: the pipe tells
    if os.getppid() != parent:
        os._exit(0)
    pipe = os.dup(0)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)  # the model shall not read from the pipe
    os.close(null)

    def watch():
        while os.read(pipe, 1):
            pass
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


class Line:
    """The connection to the scorer."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.connect(path)
        self.most = 1 << 20  # until the scorer tells

    def exactly(self, count):
        data = bytearray(count)
        view = memoryview(data)
        while view:
            got = self.socket.recv_into(view)
            if got == 0:
                os._exit(0)
            view = view[got:]
        return data

    def receive(self):
        (length,) = struct.unpack("<I", self.exactly(4))
        body = self.exactly(length)
        (header,) = struct.unpack_from("<I", body)
        return json.loads(body[4 : 4 + header].decode("utf-8")), memoryview(body)[4 + header :]

    def send(self, header, parts=()):
        text = json.dumps(header).encode("utf-8")
        length = 4 + len(text) + sum(len(part) for part in parts)
        if length > self.most:
            raise Fault("model", "its answer has %d bytes, more than %d" % (length, self.most))
        self.socket.sendall(struct.pack("<II", length, len(text)) + text)
        for part in parts:
            self.socket.sendall(part)


def texts(raw):
    """Byte strings with their lengths before them; None where one is missing."""
    found, at = [], 0
    while at < len(raw):
        (length,) = struct.unpack_from("<I", raw, at)
        at += 4
        if length == MISSING:
            found.append(None)
        else:
            found.append(bytes(raw[at : at + length]))
            at += length
    return found


def quiet():
    """Without traces: they would make a tracking store at the start, which takes as long as all the rest."""
    try:
        import mlflow.tracing

        mlflow.tracing.disable()
    except (ImportError, AttributeError):
        pass  # an older MLflow


class Model:
    """A loaded model and what its signature says."""

    def __init__(self, order):
        import mlflow.pyfunc

        self.wanted = order["outputs"]
        self.types = order["types"]
        quiet()
        self.model = mlflow.pyfunc.load_model(order["folder"], suppress_warnings=True)
        schema = self.model.metadata.get_input_schema()
        self.optional, self.single, self.dtypes = set(), False, {}
        if schema is not None:
            self.optional = {each.name for each in schema.inputs if not getattr(each, "required", True)}
            if schema.is_tensor_spec():
                self.single = not schema.has_input_names()
                self.dtypes = {each.name: each.type for each in schema.inputs}

    def infer(self, tensors):
        import numpy

        data = self.table(numpy, tensors) if self.types else self.arrays(numpy, tensors)
        return self.outputs(numpy, self.model.predict(data))

    def table(self, numpy, tensors):
        import pandas

        columns = {}
        for name, datatype, _, raw in tensors:
            column = self.column(numpy, pandas, name, self.types[name], datatype, raw)
            if column is not None:
                columns[name] = column
        order = [name for name in self.types if name in columns]
        return pandas.DataFrame({name: columns[name] for name in order}, columns=order)

    def column(self, numpy, pandas, name, kind, datatype, raw):
        if datatype == "BYTES":
            values = texts(raw)
            if name in self.optional and all(value is None for value in values):
                return None
            if kind == "binary":
                return pandas.Series(values, dtype=object)
            values = [None if value is None else value.decode("utf-8") for value in values]
            if kind == "datetime":
                try:
                    dates = [pandas.NaT if value is None else pandas.Timestamp(value) for value in values]
                    return pandas.Series(dates, dtype="datetime64[ns]")
                except (ValueError, TypeError, OverflowError) as e:
                    raise Fault("input", "column '%s' holds no dates: %s" % (name, e))
            return pandas.Series(values, dtype=object)
        numbers = numpy.frombuffer(raw, NUMBERS[datatype])
        absent = numpy.isnan(numbers) if numbers.dtype.kind == "f" else numpy.zeros(len(numbers), bool)
        if name in self.optional and absent.all():
            return None
        wanted = {"double": "f8", "float": "f4", "long": "i8", "integer": "i4", "boolean": "?"}[kind]
        if numbers.dtype.kind == "f" and kind in ("long", "integer"):
            if absent.any():
                raise Fault("input", "column '%s' is %s and cannot be missing" % (name, kind))
            size = 63 if kind == "long" else 31
            wrong = (numbers != numpy.floor(numbers)) | (numbers < -(2.0**size)) | (numbers >= 2.0**size)
            if wrong.any():
                raise Fault("input", "column '%s' is %s and cannot be %r" % (name, kind, float(numbers[wrong][0])))
        return pandas.Series(numbers.astype(wanted))

    def arrays(self, numpy, tensors):
        arrays = {}
        for name, datatype, shape, raw in tensors:
            if datatype != "BYTES":
                arrays[name] = numpy.frombuffer(raw, NUMBERS[datatype]).reshape(shape).copy()
                continue
            dtype = self.dtypes.get(name, self.dtypes.get(None))
            values = texts(raw)
            if dtype is None or dtype.kind != "S":
                values = [value.decode("utf-8") for value in values]
            array = numpy.empty(len(values), object)
            array[:] = values
            array = array if dtype is None or dtype.kind == "O" else array.astype(dtype.kind)
            arrays[name] = array.reshape(shape)
        return next(iter(arrays.values())) if self.single else arrays

    def outputs(self, numpy, value):
        """What the model gave, by the outputs of its signature: (name, datatype, shape, bytes) each."""
        given = self.given(numpy, value)
        return [self.output(numpy, spec, each) for spec, each in zip(self.wanted, given)]

    def given(self, numpy, value):
        names = [spec["name"] for spec in self.wanted]
        if isinstance(value, list) and value and isinstance(value[0], dict):
            import pandas

            value = pandas.DataFrame(value)
        if hasattr(value, "columns") and hasattr(value, "to_numpy"):
            if all(name in value.columns for name in names):
                return [value[name].to_numpy() for name in names]
            if len(value.columns) == len(names):
                return [value.iloc[:, i].to_numpy() for i in range(len(names))]
            if len(names) == 1:
                return [value.to_numpy()]
            raise Fault("model", "it gives %d columns, its signature names %d" % (len(value.columns), len(names)))
        if isinstance(value, dict):
            if all(name in value for name in names):
                return [self.array(numpy, value[name]) for name in names]
            if len(value) == len(names):
                return [self.array(numpy, each) for each in value.values()]
            raise Fault("model", "it gives %s, its signature names %s" % (sorted(map(str, value)), names))
        if len(names) == 1:
            return [self.array(numpy, value)]
        if isinstance(value, tuple) and len(value) == len(names):
            return [self.array(numpy, each) for each in value]
        matrix = self.array(numpy, value)
        if matrix.ndim == 2 and matrix.shape[1] == len(names):
            return [matrix[:, i] for i in range(len(names))]
        raise Fault("model", "it gives one array, its signature names %s" % names)

    @staticmethod
    def array(numpy, value):
        if value is None:
            raise Fault("model", "it gives None")
        if hasattr(value, "to_numpy"):
            return value.to_numpy()
        if hasattr(value, "toarray"):
            return value.toarray()
        return numpy.asarray(value)

    @staticmethod
    def output(numpy, spec, array):
        name, wanted, rank = spec["name"], spec["type"], len(spec["shape"])
        if array.ndim == 2 and rank == 1 and array.shape[1] == 1:
            array = array.reshape(-1)
        elif array.ndim == 1 and rank == 2 and spec["shape"][1] == 1:
            array = array.reshape(-1, 1)
        if array.ndim != rank:
            raise Fault(
                "model",
                "output '%s' has the shape %s, its signature says %s" % (name, list(array.shape), spec["shape"]),
            )
        if wanted == "BYTES":
            raw = bytearray()
            for each in array.reshape(-1).tolist() if array.dtype.kind != "M" else array.astype(str).reshape(-1):
                if not isinstance(each, (str, bytes)):
                    raise Fault("model", "output '%s' holds a %s, no text" % (name, type(each).__name__))
                part = each.encode("utf-8") if isinstance(each, str) else each
                raw += struct.pack("<I", len(part)) + part
            return name, wanted, list(array.shape), raw
        dtype = numpy.dtype(NUMBERS[wanted])
        if array.dtype.kind == "O":
            try:
                array = array.astype("f8" if dtype.kind == "f" else dtype)
            except (TypeError, ValueError):
                raise Fault("model", "output '%s' holds what is no number" % name)
        if array.dtype.kind not in "?biuf":
            raise Fault("model", "output '%s' is %s, its signature says %s" % (name, array.dtype, wanted))
        cast = array.astype(dtype)
        if dtype.kind != "f" and not numpy.array_equal(cast, array):
            raise Fault("model", "output '%s' holds values that are no %s" % (name, wanted))
        return name, wanted, list(array.shape), numpy.ascontiguousarray(cast).tobytes()


def work(state, header, body):
    kind = header["kind"]
    if kind == "load":
        state["model"] = Model(header)
        return {"kind": "loaded"}, ()
    if kind == "infer":
        tensors, at = [], 0
        for each in header["tensors"]:
            tensors.append((each["name"], each["datatype"], each["shape"], body[at : at + each["bytes"]]))
            at += each["bytes"]
        found = state["model"].infer(tensors)
        told = [{"name": n, "datatype": d, "shape": s, "bytes": len(raw)} for n, d, s, raw in found]
        return {"kind": "result", "tensors": told}, [raw for _, _, _, raw in found]
    if kind == "ping":
        return {"kind": "pong"}, ()
    os._exit(0)  # end


def described(error):
    text = " ".join(str(error).split())
    name = type(error).__name__
    return (name + ": " + text if text else name)[:TEXT_MAX]


def main():
    end_with(int(sys.argv[2]))
    line = Line(sys.argv[1])
    line.send({"kind": "hello", "protocol": PROTOCOL, "python": "%d.%d.%d" % sys.version_info[:3], "pid": os.getpid()})
    state = {}
    while True:
        header, body = line.receive()
        line.most = header.get("most", line.most)
        try:
            try:
                answer, parts = work(state, header, body)
                answer["id"] = header["id"]
                line.send(answer, parts)
                continue
            except Fault as e:
                fault, text = e.fault, str(e)[:TEXT_MAX]
            except MemoryError:
                fault, text = "memory", "it needs more memory than a model may take"
        except BaseException as e:  # whatever a model does; the scorer goes on
            traceback.print_exc()
            fault, text = "model", described(e)
        line.send({"kind": "error", "id": header["id"], "fault": fault, "text": text})


if __name__ == "__main__":
    main()
