"""What the scripts of the serving clients share: flows by name, and errors that are expected."""

import sys
import traceback


def run(flows, *arguments):
    """Runs all flows and says how many passed; the process fails when one does."""
    failed = 0
    for flow in flows:
        try:
            flow(*arguments)
        except Exception:
            failed += 1
            print(f"FAILED {flow.__name__}", flush=True)
            traceback.print_exc()
    print(f"{len(flows) - failed} flows passed, {failed} failed", flush=True)
    sys.exit(1 if failed else 0)


def refused(error, call, status, text):
    """The call must fail with this status, in words that hold the text."""
    try:
        answer = call()
    except error as e:
        code = e.status() if callable(getattr(e, "status", None)) else e.code()
        words = e.message() if callable(getattr(e, "message", None)) else e.details()
        assert str(code).endswith(status), f"{code}: {words}"
        assert text in words, f"{text!r} is not in {words!r}"
        return
    raise AssertionError(f"it was answered: {answer}")
