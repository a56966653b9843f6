"""Values of each datatype that are easily damaged, and their comparison to the bit."""

import ml_dtypes
import numpy

VALUES = {
    "BOOL": numpy.array([True, False, True]),
    "UINT8": numpy.array([0, 1, 255], numpy.uint8),
    "UINT16": numpy.array([0, 1, 65535], numpy.uint16),
    "UINT32": numpy.array([0, 1, 2**32 - 1], numpy.uint32),
    "UINT64": numpy.array([0, 2**53 + 1, 2**64 - 1], numpy.uint64),
    "INT8": numpy.array([-128, 0, 127], numpy.int8),
    "INT16": numpy.array([-(2**15), 0, 2**15 - 1], numpy.int16),
    "INT32": numpy.array([-(2**31), 0, 2**31 - 1], numpy.int32),
    "INT64": numpy.array([-(2**63), 2**53 + 1, 2**63 - 1], numpy.int64),
    "FP16": numpy.array([1.5, -0.0, 65504], numpy.float16),
    "BF16": numpy.array([1.5, -0.0, 3.3895314e38], ml_dtypes.bfloat16),
    "FP32": numpy.array([0.1, -0.0, 3.4028235e38], numpy.float32),
    "FP64": numpy.array([0.1, 5e-324, -1.7976931348623157e308], numpy.float64),
    "BYTES": numpy.array([b"", b"\x00", "größer".encode()], numpy.object_),
}
HALVES = ("FP16", "BF16")


def same_bits(wanted, actual):
    assert actual is not None, "the client found no values"
    assert wanted.shape == actual.shape, f"{wanted.shape} became {actual.shape}"
    if wanted.dtype == numpy.object_:
        texts = [value if isinstance(value, bytes) else value.encode() for value in actual.flatten()]
        assert wanted.flatten().tolist() == texts, f"{wanted} became {actual}"
    else:
        assert wanted.dtype == actual.dtype and wanted.tobytes() == actual.tobytes(), f"{wanted} became {actual}"
