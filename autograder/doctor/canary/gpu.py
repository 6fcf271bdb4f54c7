"""Asks the CUDA driver for its GPUs, without torch.

Reports the step driver with a list of devices. A machine without the driver's library is no error.
"""

from __future__ import annotations

import ctypes
import sys

from autograder.doctor.canary import report

_MAJOR, _MINOR = 75, 76  # CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, _MINOR


def _device(cuda: ctypes.CDLL, number: int) -> dict[str, object]:
    name = ctypes.create_string_buffer(128)
    memory = ctypes.c_size_t()
    major, minor = ctypes.c_int(), ctypes.c_int()
    cuda.cuDeviceGetName(name, len(name), number)
    cuda.cuDeviceTotalMem_v2(ctypes.byref(memory), number)
    cuda.cuDeviceGetAttribute(ctypes.byref(major), _MAJOR, number)
    cuda.cuDeviceGetAttribute(ctypes.byref(minor), _MINOR, number)
    return {
        "name": name.value.decode("utf-8", "replace"),
        "bytes": memory.value,
        "capability": f"{major.value}.{minor.value}",
    }


def main() -> int:
    """Reports the step no-library, refused (with the driver's code) or driver; returns 0."""
    try:
        cuda = ctypes.CDLL("libcuda.so.1")
    except OSError:
        report("no-library")
        return 0
    code = cuda.cuInit(0)
    if code != 0:
        report("refused", code=code)
        return 0
    count = ctypes.c_int()
    cuda.cuDeviceGetCount(ctypes.byref(count))
    # A CUdevice is the device's number.
    report("driver", devices=[_device(cuda, number) for number in range(count.value)])
    return 0


if __name__ == "__main__":
    sys.exit(main())
